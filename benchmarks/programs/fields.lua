local n = tonumber(arg[1])
p = {}
p.x = 1
p.y = 2
p.velocity = 3
local i = 0
while i < n do
  p.x = p.velocity - p.x
  p.y = p.y + p.x
  i = i + 1
end
print(p.y)
