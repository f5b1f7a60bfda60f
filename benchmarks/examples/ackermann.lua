-- The Lua twin of examples/ackermann.fvm.

local function ack(m, n)
  if m == 0 then
    return n + 1
  end
  -- The parentheses keep these from being tail calls, which the .fvm does not have either.
  if n == 0 then
    return (ack(m - 1, 1))
  end
  return (ack(m - 1, ack(m, n - 1)))
end

print("ack(3, 7) = " .. ack(3, 7))
