return function(n)
  local x = 1.0
  for _ = 0, n - 1 do
    x = (x + 0.1) * 0.999999
  end
  return string.format("%d", x * 1e9)
end
