#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  double *a = malloc(n * n * sizeof(double));
  double *b = malloc(n * n * sizeof(double));
  double *c = malloc(n * n * sizeof(double));
  for (int64_t i = 0; i < n * n; ++i) {
    a[i] = i % 17 * 0.5;
    b[i] = i % 13 * 0.25;
  }
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0.0;
      for (int64_t k = 0; k < n; ++k)
        sum += a[i * n + k] * b[k * n + j];
      c[i * n + j] = sum;
    }
  }
  double trace = 0.0;
  for (int64_t i = 0; i < n; ++i)
    trace += c[i * n + i];
  printf("%" PRId64 "\n", (int64_t)trace);
  return 0;
}
