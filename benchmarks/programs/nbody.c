#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double x[] = {0.0, 4.84143144246472090e+00, 8.34336671824457987e+00, 1.28943695621391310e+01,
                     1.53796971148509165e+01};
static double y[] = {0.0, -1.16032004402742839e+00, 4.12479856412430479e+00,
                     -1.51111514016986312e+01, -2.59193146099879641e+01};
static double z[] = {0.0, -1.03622044471123109e-01, -4.03523417114321381e-01,
                     -2.23307578892655734e-01, 1.79258772950371181e-01};
static double vx[] = {0.0, 1.66007664274403694e-03, -2.76742510726411510e-03,
                      2.96460137564761618e-03, 2.68067772490389322e-03};
static double vy[] = {0.0, 7.69901118419740425e-03, 4.99852801234917238e-03,
                      2.37847173959480950e-03, 1.62824170038242295e-03};
static double vz[] = {0.0, -6.90460016972063023e-05, 2.30417297573763929e-05,
                      -2.96589568540237556e-05, -9.51592254519715870e-05};
static double mass[] = {39.47841760435743, 0.03769367487038949, 0.011286326131968767,
                        0.0017237240570597112, 0.0020336868699246304};

static void printEnergy(void) {
  double sum = 0.0;
  for (int i = 0; i < 5; ++i) {
    sum = sum + 0.5 * mass[i] * (vx[i] * vx[i] + vy[i] * vy[i] + vz[i] * vz[i]);
    for (int j = i + 1; j < 5; ++j) {
      double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
      sum = sum - mass[i] * mass[j] / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  printf("%" PRId64 "\n", (int64_t)(sum * 1e9));
}

static void advance(void) {
  for (int i = 0; i < 5; ++i) {
    for (int j = i + 1; j < 5; ++j) {
      double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
      double d2 = dx * dx + dy * dy + dz * dz;
      double mag = 0.01 / (d2 * sqrt(d2));
      double f = mass[j] * mag;
      vx[i] = vx[i] - dx * f;
      vy[i] = vy[i] - dy * f;
      vz[i] = vz[i] - dz * f;
      f = mass[i] * mag;
      vx[j] = vx[j] + dx * f;
      vy[j] = vy[j] + dy * f;
      vz[j] = vz[j] + dz * f;
    }
  }
  for (int i = 0; i < 5; ++i) {
    x[i] = x[i] + 0.01 * vx[i];
    y[i] = y[i] + 0.01 * vy[i];
    z[i] = z[i] + 0.01 * vz[i];
  }
}

int main(int argc, char **argv) {
  int64_t steps = atoll(argv[argc - 1]);
  double px = 0.0, py = 0.0, pz = 0.0;
  for (int i = 0; i < 5; ++i) {
    vx[i] = vx[i] * 365.24;
    vy[i] = vy[i] * 365.24;
    vz[i] = vz[i] * 365.24;
    px = px + vx[i] * mass[i];
    py = py + vy[i] * mass[i];
    pz = pz + vz[i] * mass[i];
  }
  vx[0] = -px / mass[0];
  vy[0] = -py / mass[0];
  vz[0] = -pz / mass[0];
  printEnergy();
  for (int64_t step = 0; step < steps; ++step)
    advance();
  printEnergy();
  return 0;
}
