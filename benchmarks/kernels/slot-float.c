#include "kernel.h"

int64_t kernel(int64_t n) {
  double x = 1.0;
  for (int64_t i = 0; i < n; ++i)
    x = (x + 0.1) * 0.999999;
  return (int64_t)(x * 1e9);
}
