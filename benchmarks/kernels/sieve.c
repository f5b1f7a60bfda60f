#include "kernel.h"

int64_t kernel(int64_t n) {
  Value *prime = makeValues(n);
  for (int64_t i = 0; i < n; ++i)
    prime[i] = makeBool(true);
  int64_t count = 0;
  for (int64_t i = 2; i < n; ++i) {
    if (!prime[i].integer)
      continue;
    ++count;
    for (int64_t multiple = i * i; multiple < n; multiple += i)
      prime[multiple] = makeBool(false);
  }
  free(prime);
  return count;
}
