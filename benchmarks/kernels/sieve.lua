return function(n)
  local prime = {}
  for i = 1, n - 1 do
    prime[i] = true
  end
  local count = 0
  for i = 2, n - 1 do
    if prime[i] then
      count = count + 1
      for multiple = i * i, n - 1, i do
        prime[multiple] = false
      end
    end
  end
  return count
end
