return function(n)
  local numbers = {}
  for i = 0, n - 1 do
    numbers[#numbers + 1] = i
  end
  local sum = 0
  for i = 1, n do
    sum = numbers[i] - sum
  end
  return sum
end
