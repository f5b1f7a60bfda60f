#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  int64_t sum = 0;
  for (int64_t row = 0; row < n; ++row) {
    double ci = 2.0 * row / n - 1.0;
    for (int64_t column = 0; column < n; ++column) {
      double cr = 2.0 * column / n - 1.5;
      double zr = 0.0, zi = 0.0, zr2 = 0.0, zi2 = 0.0;
      int64_t k = 0;
      while (k < 50 && zr2 + zi2 <= 4.0) {
        zi = 2.0 * zr * zi + ci;
        zr = zr2 - zi2 + cr;
        zr2 = zr * zr;
        zi2 = zi * zi;
        ++k;
      }
      sum += k;
    }
  }
  printf("%" PRId64 "\n", sum);
  return 0;
}
