#include "kernel.h"

static const double xStart[] = {0.0, 4.84143144246472090e+00, 8.34336671824457987e+00,
                                1.28943695621391310e+01, 1.53796971148509165e+01};
static const double yStart[] = {0.0, -1.16032004402742839e+00, 4.12479856412430479e+00,
                                -1.51111514016986312e+01, -2.59193146099879641e+01};
static const double zStart[] = {0.0, -1.03622044471123109e-01, -4.03523417114321381e-01,
                                -2.23307578892655734e-01, 1.79258772950371181e-01};
static const double vxStart[] = {0.0, 1.66007664274403694e-03, -2.76742510726411510e-03,
                                 2.96460137564761618e-03, 2.68067772490389322e-03};
static const double vyStart[] = {0.0, 7.69901118419740425e-03, 4.99852801234917238e-03,
                                 2.37847173959480950e-03, 1.62824170038242295e-03};
static const double vzStart[] = {0.0, -6.90460016972063023e-05, 2.30417297573763929e-05,
                                 -2.96589568540237556e-05, -9.51592254519715870e-05};
static const double massStart[] = {39.47841760435743, 0.03769367487038949, 0.011286326131968767,
                                   0.0017237240570597112, 0.0020336868699246304};

static Value *copy(const double *numbers) {
  Value *values = makeValues(5);
  for (int i = 0; i < 5; ++i)
    values[i] = makeFloat(numbers[i]);
  return values;
}

static double energy(const Value *x, const Value *y, const Value *z, const Value *vx,
                     const Value *vy, const Value *vz, const Value *mass) {
  double sum = 0.0;
  for (int64_t i = 0; i < 5; ++i) {
    double squares =
        vx[i].number * vx[i].number + vy[i].number * vy[i].number + vz[i].number * vz[i].number;
    sum = sum + 0.5 * mass[i].number * squares;
    for (int64_t j = i + 1; j < 5; ++j) {
      double dx = x[i].number - x[j].number, dy = y[i].number - y[j].number;
      double dz = z[i].number - z[j].number;
      sum = sum - mass[i].number * mass[j].number / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

static void advance(Value *x, Value *y, Value *z, Value *vx, Value *vy, Value *vz,
                    const Value *mass) {
  for (int64_t i = 0; i < 5; ++i) {
    double xi = x[i].number, yi = y[i].number, zi = z[i].number;
    double vxi = vx[i].number, vyi = vy[i].number, vzi = vz[i].number, mi = mass[i].number;
    for (int64_t j = i + 1; j < 5; ++j) {
      double dx = xi - x[j].number, dy = yi - y[j].number, dz = zi - z[j].number;
      double d2 = dx * dx + dy * dy + dz * dz;
      double mag = 0.01 / (d2 * sqrt(d2));
      double f = mass[j].number * mag;
      vxi = vxi - dx * f;
      vyi = vyi - dy * f;
      vzi = vzi - dz * f;
      f = mi * mag;
      vx[j] = makeFloat(vx[j].number + dx * f);
      vy[j] = makeFloat(vy[j].number + dy * f);
      vz[j] = makeFloat(vz[j].number + dz * f);
    }
    vx[i] = makeFloat(vxi);
    vy[i] = makeFloat(vyi);
    vz[i] = makeFloat(vzi);
  }
  for (int64_t i = 0; i < 5; ++i) {
    x[i] = makeFloat(x[i].number + 0.01 * vx[i].number);
    y[i] = makeFloat(y[i].number + 0.01 * vy[i].number);
    z[i] = makeFloat(z[i].number + 0.01 * vz[i].number);
  }
}

int64_t kernel(int64_t steps) {
  Value *x = copy(xStart), *y = copy(yStart), *z = copy(zStart);
  Value *vx = copy(vxStart), *vy = copy(vyStart), *vz = copy(vzStart), *mass = copy(massStart);
  double px = 0.0, py = 0.0, pz = 0.0;
  for (int64_t i = 0; i < 5; ++i) {
    vx[i] = makeFloat(vx[i].number * 365.24);
    vy[i] = makeFloat(vy[i].number * 365.24);
    vz[i] = makeFloat(vz[i].number * 365.24);
    px = px + vx[i].number * mass[i].number;
    py = py + vy[i].number * mass[i].number;
    pz = pz + vz[i].number * mass[i].number;
  }
  vx[0] = makeFloat(-px / mass[0].number);
  vy[0] = makeFloat(-py / mass[0].number);
  vz[0] = makeFloat(-pz / mass[0].number);
  for (int64_t step = 0; step < steps; ++step)
    advance(x, y, z, vx, vy, vz, mass);
  double sum = energy(x, y, z, vx, vy, vz, mass);
  Value *all[] = {x, y, z, vx, vy, vz, mass};
  for (int i = 0; i < 7; ++i)
    free(all[i]);
  return (int64_t)(sum * 1e9);
}
