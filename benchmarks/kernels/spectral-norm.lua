local function element(i, j)
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function times(n, vector)
  local product = {}
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do
      sum = sum + element(i, j) * vector[j + 1]
    end
    product[i + 1] = sum
  end
  return product
end

local function transposedTimes(n, vector)
  local product = {}
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do
      sum = sum + element(j, i) * vector[j + 1]
    end
    product[i + 1] = sum
  end
  return product
end

return function(n)
  local u, v = {}, nil
  for i = 1, n do
    u[i] = 1.0
  end
  for _ = 1, 10 do
    v = transposedTimes(n, times(n, u))
    u = transposedTimes(n, times(n, v))
  end
  local uv, vv = 0.0, 0.0
  for i = 1, n do
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
  end
  return string.format("%d", math.floor(math.sqrt(uv / vv) * 1e9))
end
