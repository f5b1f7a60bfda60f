-- The Lua twin of examples/mandelbrot.fvm.

local size, most = 400, 50
print("P2")
print(size .. " " .. size)
print(most)

local write = io.write
for row = 0, size - 1 do
  local ci = 2.0 * row / size - 1.0
  for column = 0, size - 1 do
    local cr = 2.0 * column / size - 1.5
    local zr, zi, n = 0.0, 0.0, 0
    while n < most do
      local zr2, zi2 = zr * zr, zi * zi
      if zr2 + zi2 > 4.0 then
        break
      end
      zi = 2.0 * zr * zi + ci
      zr = zr2 - zi2 + cr
      n = n + 1
    end
    write(most - n, (column + 1) % 20 == 0 and "\n" or " ")
  end
end
