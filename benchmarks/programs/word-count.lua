local counts = {}
local word = io.read("l")
while word ~= "" do
  counts[word] = (counts[word] or 0) + 1
  word = io.read("l")
end
local words = {}
for key in pairs(counts) do
  words[#words + 1] = key
end
table.sort(words)
print(#words)
for i = 1, #words do
  print(counts[words[i]] .. " " .. words[i])
end
