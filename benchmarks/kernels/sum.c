#include "kernel.h"

int64_t kernel(int64_t n) {
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    sum = i - sum + 3;
    /* Rounds of which the compiler can see more than one at a time become one. */
    __asm__ volatile("" : "+r"(sum));
  }
  return sum;
}
