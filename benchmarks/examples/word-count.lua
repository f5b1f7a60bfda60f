-- The Lua twin of examples/word-count.fvm. Reads words from standard input, one a line.

local counts, words = {}, {}
local empty = 0
while true do
  local word = io.read("l") or ""
  if word ~= "" then
    empty = 0
    if not counts[word] then
      counts[word] = 0
      words[#words + 1] = word
    end
    counts[word] = counts[word] + 1
  else
    empty = empty + 1
    if empty == 2 then
      break
    end
  end
end

table.sort(words)
for _, word in ipairs(words) do
  print(counts[word] .. " " .. word)
end
