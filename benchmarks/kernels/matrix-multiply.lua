return function(n)
  local a, b, c = {}, {}, {}
  for i = 0, n * n - 1 do
    a[i + 1] = i % 17 * 0.5
    b[i + 1] = i % 13 * 0.25
  end
  for i = 0, n - 1 do
    for j = 1, n do
      local sum = 0.0
      for k = 0, n - 1 do
        sum = sum + a[i * n + k + 1] * b[k * n + j]
      end
      c[i * n + j] = sum
    end
  end
  local trace = 0.0
  for i = 0, n - 1 do
    trace = trace + c[i * n + i + 1]
  end
  return string.format("%d", math.floor(trace))
end
