return function(n)
  local sum = 0
  for i = 0, n - 1 do
    for j = 0, n - 1 do
      sum = (sum + i * j) % 1000003
    end
  end
  return sum
end
