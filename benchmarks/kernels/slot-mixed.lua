return function(n)
  local x = 42LL
  for i = 0, n - 1 do
    x = x * 3LL + i - 2LL
  end
  return tostring(x):sub(1, -3)
end
