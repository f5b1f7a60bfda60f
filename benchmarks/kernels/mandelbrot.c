#include "kernel.h"

int64_t kernel(int64_t n) {
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
  return sum;
}
