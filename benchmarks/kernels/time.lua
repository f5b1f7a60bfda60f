-- luajit time.lua KERNEL.lua N SECONDS: what kernel.h does, for kernels in Lua.
local kernel = dofile(arg[1])
local n, left = tonumber(arg[2]), tonumber(arg[3])
local times, result = {}, nil
for _ = 1, 3 do
  result = kernel(n)
end
while #times < 3 or left > 0 do
  local begin = os.clock()
  result = kernel(n)
  local spent = os.clock() - begin
  times[#times + 1] = spent
  left = left - math.max(spent, 1e-6)
end
table.sort(times)
print(result)
print(string.format("%.9f %.9f", times[1], times[math.floor(#times / 2) + 1]))
