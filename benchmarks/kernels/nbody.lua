local sqrt = math.sqrt

local function energy(x, y, z, vx, vy, vz, mass)
  local sum = 0.0
  for i = 1, 5 do
    sum = sum + 0.5 * mass[i] * (vx[i] * vx[i] + vy[i] * vy[i] + vz[i] * vz[i])
    for j = i + 1, 5 do
      local dx, dy, dz = x[i] - x[j], y[i] - y[j], z[i] - z[j]
      sum = sum - mass[i] * mass[j] / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return string.format("%d", math.ceil(sum * 1e9))
end

return function(steps)
  local x = { 0.0, 4.84143144246472090e+00, 8.34336671824457987e+00, 1.28943695621391310e+01, 1.53796971148509165e+01 }
  local y = { 0.0, -1.16032004402742839e+00, 4.12479856412430479e+00, -1.51111514016986312e+01, -2.59193146099879641e+01 }
  local z = { 0.0, -1.03622044471123109e-01, -4.03523417114321381e-01, -2.23307578892655734e-01, 1.79258772950371181e-01 }
  local vx = { 0.0, 1.66007664274403694e-03, -2.76742510726411510e-03, 2.96460137564761618e-03, 2.68067772490389322e-03 }
  local vy = { 0.0, 7.69901118419740425e-03, 4.99852801234917238e-03, 2.37847173959480950e-03, 1.62824170038242295e-03 }
  local vz = { 0.0, -6.90460016972063023e-05, 2.30417297573763929e-05, -2.96589568540237556e-05, -9.51592254519715870e-05 }
  local mass = { 39.47841760435743, 0.03769367487038949, 0.011286326131968767, 0.0017237240570597112, 0.0020336868699246304 }
  local px, py, pz = 0.0, 0.0, 0.0
  for i = 1, 5 do
    vx[i] = vx[i] * 365.24
    vy[i] = vy[i] * 365.24
    vz[i] = vz[i] * 365.24
    px = px + vx[i] * mass[i]
    py = py + vy[i] * mass[i]
    pz = pz + vz[i] * mass[i]
  end
  vx[1] = -px / mass[1]
  vy[1] = -py / mass[1]
  vz[1] = -pz / mass[1]
  for _ = 1, steps do
    for i = 1, 5 do
      local xi, yi, zi = x[i], y[i], z[i]
      local vxi, vyi, vzi, mi = vx[i], vy[i], vz[i], mass[i]
      for j = i + 1, 5 do
        local dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
        local d2 = dx * dx + dy * dy + dz * dz
        local mag = 0.01 / (d2 * sqrt(d2))
        local f = mass[j] * mag
        vxi = vxi - dx * f
        vyi = vyi - dy * f
        vzi = vzi - dz * f
        f = mi * mag
        vx[j] = vx[j] + dx * f
        vy[j] = vy[j] + dy * f
        vz[j] = vz[j] + dz * f
      end
      vx[i], vy[i], vz[i] = vxi, vyi, vzi
    end
    for i = 1, 5 do
      x[i] = x[i] + 0.01 * vx[i]
      y[i] = y[i] + 0.01 * vy[i]
      z[i] = z[i] + 0.01 * vz[i]
    end
  end
  return energy(x, y, z, vx, vy, vz, mass)
end
