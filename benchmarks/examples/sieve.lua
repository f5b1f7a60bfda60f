-- The Lua twin of examples/sieve.fvm.

local limit = 1000000
local prime = {}
for i = 1, limit - 1 do
  prime[i] = true
end

local count = 0
for i = 2, limit - 1 do
  if prime[i] then
    count = count + 1
    for multiple = i * i, limit - 1, i do
      prime[multiple] = false
    end
  end
end
print("primes below " .. limit .. ": " .. count)
