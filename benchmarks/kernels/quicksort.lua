local numbers
local floor = math.floor

local function quicksort(low, high)
  if low >= high then
    return
  end
  local pivot = numbers[floor((low + high) / 2)]
  local left, right = low, high
  while left <= right do
    while numbers[left] < pivot do
      left = left + 1
    end
    while numbers[right] > pivot do
      right = right - 1
    end
    if left <= right then
      local other = numbers[left]
      numbers[left] = numbers[right]
      numbers[right] = other
      left = left + 1
      right = right - 1
    end
  end
  quicksort(low, right)
  quicksort(left, high)
end

return function(n)
  numbers = {}
  local seed = 42
  for _ = 1, n do
    seed = seed * 16807 % 2147483647
    numbers[#numbers + 1] = seed
  end
  quicksort(1, n)
  local sum = 0
  for i = 1, n do
    sum = (sum * 31 + numbers[i]) % 1000003
  end
  return sum
end
