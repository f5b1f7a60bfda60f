#include "kernel.h"

int64_t kernel(int64_t n) {
  int64_t x = 3735928559;
  for (int64_t i = 0; i < n; ++i)
    x = ((x & 16777215) << 3) ^ (x >> 5) ^ 4660;
  return x;
}
