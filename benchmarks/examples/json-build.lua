-- The Lua twin of examples/json-build.fvm.

local function boolean(value)
  if value then
    return "true"
  end
  return "false"
end

local function employee(d, e)
  local id = d * 1000 + e
  local text = '{"id": ' .. id .. ', "name": "employee ' .. id .. '"'
  -- Lua writes the float 30 as "30.0", hence the format.
  text = text .. ', "hours": ' .. string.format("%.14g", 30 + e % 8 * 1.25)
  text = text .. ', "remote": ' .. boolean(e % 3 == 0)
  if e % 10 == 9 then
    return text .. ', "desk": null}'
  end
  return text .. ', "desk": {"floor": ' .. d % 9 .. ', "number": ' .. e .. "}}"
end

local function department(d)
  local text = '{"name": "department ' .. d .. '", "staff": ['
  for e = 0, 49 do
    if e > 0 then
      text = text .. ", "
    end
    text = text .. employee(d, e)
  end
  return text .. "]}"
end

local function region(r)
  local text = '{"name": "region ' .. r .. '", "departments": ['
  for d = 0, 19 do
    if d > 0 then
      text = text .. ", "
    end
    text = text .. department(r * 20 + d)
  end
  return text .. "]}"
end

local text = '{"regions": ['
for r = 0, 9 do
  if r > 0 then
    text = text .. ", "
  end
  text = text .. region(r)
end
text = text .. "]}"
print("length " .. #text)
print(employee(3, 7))
