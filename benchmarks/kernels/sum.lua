return function(n)
  local sum = 0
  for i = 0, n - 1 do
    sum = i - sum + 3
  end
  return sum
end
