#include "kernel.h"

int64_t kernel(int64_t n) {
  Value *a = makeValues(n * n), *b = makeValues(n * n), *c = makeValues(n * n);
  for (int64_t i = 0; i < n * n; ++i) {
    a[i] = makeFloat(i % 17 * 0.5);
    b[i] = makeFloat(i % 13 * 0.25);
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0.0;
      for (int64_t k = 0; k < n; ++k)
        sum += a[i * n + k].number * b[k * n + j].number;
      c[i * n + j] = makeFloat(sum);
    }
  }
  double trace = 0.0;
  for (int64_t i = 0; i < n; ++i)
    trace += c[i * n + i].number;
  free(a);
  free(b);
  free(c);
  return (int64_t)trace;
}
