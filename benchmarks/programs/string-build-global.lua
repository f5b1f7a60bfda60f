local n = tonumber(arg[1])
text = ""
for i = 0, n - 1 do
  text = text .. i
  text = text .. ","
end
print(#text)
