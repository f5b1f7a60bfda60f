local n = tonumber(arg[1])
local text = ""
for _ = 1, n do
  text = text .. "ab"
end
print(#text)
