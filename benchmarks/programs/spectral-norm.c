#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double element(int64_t i, int64_t j) { return 1.0 / ((i + j) * (i + j + 1) / 2.0 + i + 1); }

static double *times(int64_t n, const double *vector) {
  double *product = malloc(n * sizeof(*product));
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0.0;
    for (int64_t j = 0; j < n; ++j)
      sum += element(i, j) * vector[j];
    product[i] = sum;
  }
  return product;
}

static double *transposedTimes(int64_t n, double *vector) {
  double *product = malloc(n * sizeof(*product));
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0.0;
    for (int64_t j = 0; j < n; ++j)
      sum += element(j, i) * vector[j];
    product[i] = sum;
  }
  free(vector);
  return product;
}

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  double *u = malloc(n * sizeof(*u)), *v = NULL;
  for (int64_t i = 0; i < n; ++i)
    u[i] = 1.0;
  for (int round = 0; round < 10; ++round) {
    free(v);
    v = transposedTimes(n, times(n, u));
    free(u);
    u = transposedTimes(n, times(n, v));
  }
  double uv = 0.0, vv = 0.0;
  for (int64_t i = 0; i < n; ++i) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  printf("%" PRId64 "\n", (int64_t)(sqrt(uv / vv) * 1e9));
  return 0;
}
