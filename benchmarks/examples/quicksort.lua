-- The Lua twin of examples/quicksort.fvm.

local numbers = {}

local function quicksort(low, high)
  if low >= high then
    return
  end
  local pivot = numbers[(low + high) >> 1]
  local left, right = low, high
  while left <= right do
    while numbers[left] < pivot do
      left = left + 1
    end
    while numbers[right] > pivot do
      right = right - 1
    end
    if left > right then
      break
    end
    numbers[left], numbers[right] = numbers[right], numbers[left]
    left = left + 1
    right = right - 1
  end
  quicksort(low, right)
  quicksort(left, high)
end

local count, seed = 100000, 42
for i = 1, count do
  seed = (seed * 1103515245 + 12345) & 2147483647
  numbers[i] = seed
end
quicksort(1, #numbers)

local checksum = 0
for i = 1, count do
  checksum = (checksum + i * numbers[i]) % 1000000007
  if i < count and numbers[i] > numbers[i + 1] then
    print("not sorted at " .. i)
    return
  end
end
print("sorted " .. count .. " numbers from " .. numbers[1] .. " to " .. numbers[count])
print("checksum " .. checksum)
