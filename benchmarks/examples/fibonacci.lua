-- The Lua twin of examples/fibonacci.fvm.

local function fibLoop(n)
  local a, b = 0, 1
  for _ = 1, n do
    a, b = b, a + b
  end
  return a
end

local function fibRec(n)
  if n <= 1 then
    return n
  end
  return fibRec(n - 1) + fibRec(n - 2)
end

print("fib(90) = " .. fibLoop(90))
print("fib(27) = " .. fibRec(27))
