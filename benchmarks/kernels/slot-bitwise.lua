local bit = require("bit")
local band, bxor, lshift, rshift = bit.band, bit.bxor, bit.lshift, bit.rshift

return function(n)
  -- All values but the first one have 27 bits.
  local x = 3735928559
  for _ = 0, n - 1 do
    x = bxor(lshift(band(x, 16777215), 3), rshift(x, 5), 4660)
  end
  return x
end
