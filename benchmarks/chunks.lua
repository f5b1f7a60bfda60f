-- The computations of some chunks of fusevm-benchmarks, for compare-chunks.py: prints the name and
-- the microseconds of one run, the least of several measurements.

local function fibIterative()
  local a, b = 0, 1
  for _ = 1, 35 do
    a, b = b, a + b
  end
  return a
end

local function fib(n)
  if n < 2 then
    return n
  end
  return fib(n - 1) + fib(n - 2)
end

local function ackermann(m, n)
  if m == 0 then
    return n + 1
  end
  if n == 0 then
    return ackermann(m - 1, 1)
  end
  return ackermann(m - 1, ackermann(m, n - 1))
end

local function sum()
  local sum, i = 0, 0
  while i < 1000000 do
    sum = sum + i
    i = i + 1
  end
  return sum
end

local function nestedLoop()
  local sum = 0
  for i = 0, 99 do
    for j = 0, 99 do
      sum = sum + i + j
    end
  end
  return sum
end

local function counterLoop()
  local i = 0
  while i < 100000 do
    i = i + 1
  end
  return i
end

local function stringBuild()
  local text = ""
  for _ = 0, 10000 do
    text = text .. "x"
  end
  return #text
end

local chunks = {
  {"fib_iterative_35", fibIterative, 9227465},
  {"fib_recursive_20", function() return fib(20) end, 6765},
  {"ackermann_3_4", function() return ackermann(3, 4) end, 125},
  {"sum_1M_unfused", sum, 499999500000},
  {"nested_loop_100x100", nestedLoop, 990000},
  {"counter_loop/100000", counterLoop, 100000},
  {"string_build_10k", stringBuild, 10001},
}

for _, chunk in ipairs(chunks) do
  local name, compute, expected = chunk[1], chunk[2], chunk[3]
  local runs, best = 1, math.huge
  for _ = 1, 12 do
    local start = os.clock()
    for _ = 1, runs do
      assert(compute() == expected, name)
    end
    local seconds = os.clock() - start
    if seconds < 0.02 then
      runs = runs * 4
    else
      best = math.min(best, seconds / runs)
    end
  end
  print(name, best * 1e6)
end
