local function choose(a, b, first)
  if a == b then
    return "same"
  end
  if first then
    return a
  end
  return b
end

local n = tonumber(arg[1])
local text, count, turn = "left", 0, 0
for _ = 1, n do
  text = choose(text, "right", turn == 0)
  if text == "right" then
    count = count + 1
  end
  text = choose("left", text, turn == 1)
  turn = turn + 1
  if turn == 3 then
    turn = 0
  end
end
print(count)
