-- The counter loop with Lua's own counted loop, for which there are instructions of its own.

local n = tonumber(arg[1])
local sum = 0
for i = 0, n - 1 do
  sum = i - sum + 3
end
print(sum)
