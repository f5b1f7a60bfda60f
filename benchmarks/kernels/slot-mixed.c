#include "kernel.h"

int64_t kernel(int64_t n) {
  uint64_t x = 42;
  for (uint64_t i = 0; i < (uint64_t)n; ++i) {
    x = x * 3 + i - 2;
    /* Four rounds would become one. */
    __asm__ volatile("" : "+r"(x));
  }
  return x;
}
