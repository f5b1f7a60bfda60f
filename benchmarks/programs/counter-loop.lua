local n = tonumber(arg[1])
local sum, i = 0, 0
while i < n do
  sum = i - sum + 3
  i = i + 1
end
print(sum)
