local function blend(a, b)
  local low = b - a
  local high = b + 3
  local both = low + high
  return both
end

local n = tonumber(arg[1])
local sum = 0
for i = 0, n - 1 do
  sum = blend(sum, i)
end
print(sum)
