#include "kernel.h"

static double element(int64_t i, int64_t j) { return 1.0 / ((i + j) * (i + j + 1) / 2.0 + i + 1); }

static Value *times(int64_t n, const Value *vector) {
  Value *product = makeValues(n);
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0.0;
    for (int64_t j = 0; j < n; ++j)
      sum += element(i, j) * vector[j].number;
    product[i] = makeFloat(sum);
  }
  return product;
}

static Value *transposedTimes(int64_t n, Value *vector) {
  Value *product = makeValues(n);
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0.0;
    for (int64_t j = 0; j < n; ++j)
      sum += element(j, i) * vector[j].number;
    product[i] = makeFloat(sum);
  }
  free(vector);
  return product;
}

int64_t kernel(int64_t n) {
  Value *u = makeValues(n), *v = NULL;
  for (int64_t i = 0; i < n; ++i)
    u[i] = makeFloat(1.0);
  for (int round = 0; round < 10; ++round) {
    free(v);
    v = transposedTimes(n, times(n, u));
    free(u);
    u = transposedTimes(n, times(n, v));
  }
  double uv = 0.0, vv = 0.0;
  for (int64_t i = 0; i < n; ++i) {
    uv += u[i].number * v[i].number;
    vv += v[i].number * v[i].number;
  }
  free(u);
  free(v);
  return (int64_t)(sqrt(uv / vv) * 1e9);
}
