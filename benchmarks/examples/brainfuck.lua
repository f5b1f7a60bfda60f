-- The Lua twin of examples/brainfuck.fvm.

local codes = { ["+"] = 1, ["-"] = 2, ["<"] = 3, [">"] = 4, ["["] = 5, ["]"] = 6, ["."] = 7, [","] = 8 }
local characters = {}
for code = 0, 127 do
  characters[code] = string.char(code)
end

local function run(text)
  local program = {}
  for i = 1, #text do
    program[i] = codes[text:sub(i, i)]
  end

  local cells = {}
  for cell = 1, 1000 do
    cells[cell] = 0
  end

  local partner, opened = {}, {}
  for pc = 1, #program do
    if program[pc] == 5 then
      opened[#opened + 1] = pc
    elseif program[pc] == 6 then
      local open = table.remove(opened)
      partner[open] = pc
      partner[pc] = open
    end
  end

  local cell, pc = 1, 1
  while pc <= #program do
    local code = program[pc]
    if code == 1 then
      cells[cell] = cells[cell] + 1 & 255
    elseif code == 2 then
      cells[cell] = cells[cell] - 1 & 255
    elseif code == 3 then
      cell = cell - 1
    elseif code == 4 then
      cell = cell + 1
    elseif code == 5 then
      if cells[cell] == 0 then
        pc = partner[pc]
      end
    elseif code == 6 then
      if cells[cell] ~= 0 then
        pc = partner[pc]
      end
    elseif code == 7 then
      io.write(characters[cells[cell]])
    elseif code == 8 then
      cells[cell] = (math.tointeger(tonumber(io.read("l"))) or 0) & 255
    end
    pc = pc + 1
  end
end

run("++++++++++[>+++++++>++++++++++>+++>+>++++++++<<<<<-]>++.>+.+++++++..+++."
  .. ">++++++++++++++.------------.>>+++++++.<<<.+++.------.--------.>+.>.")
run("++++++++++>+>+>>++++++[>+++++++<-]>>+++++[>-[>-[>++<-]<-]<-]<<<<<<["
  .. ">[>>+>>.<<<<-]>>>>>>>>.<<<<<<<<>[<+>>>+<<-]>[<+>-]>[<<+>>-]<<<<-]")
