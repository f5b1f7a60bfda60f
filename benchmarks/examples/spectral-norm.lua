-- The Lua twin of examples/spectral-norm.fvm.

local function element(i, j)
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function times(n, vector)
  local product = {}
  for i = 1, n do
    local sum = 0.0
    for j = 1, n do
      sum = sum + element(i - 1, j - 1) * vector[j]
    end
    product[i] = sum
  end
  return product
end

local function transposedTimes(n, vector)
  local product = {}
  for i = 1, n do
    local sum = 0.0
    for j = 1, n do
      sum = sum + element(j - 1, i - 1) * vector[j]
    end
    product[i] = sum
  end
  return product
end

local function timesBoth(n, vector)
  return transposedTimes(n, times(n, vector))
end

local n = 100
local u, v = {}, nil
for i = 1, n do
  u[i] = 1.0
end
for _ = 1, 10 do
  v = timesBoth(n, u)
  u = timesBoth(n, v)
end

local uv, vv = 0.0, 0.0
for i = 1, n do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
print(string.format("%.9f", math.sqrt(uv / vv)))
