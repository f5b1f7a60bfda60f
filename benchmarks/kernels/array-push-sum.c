#include "kernel.h"

static Value *numbers;
static int64_t size, capacity;

static inline void push(Value value) {
  if (size == capacity) {
    capacity = capacity ? 2 * capacity : 4;
    numbers = realloc(numbers, capacity * sizeof(*numbers));
  }
  numbers[size++] = value;
}

int64_t kernel(int64_t n) {
  numbers = NULL;
  size = capacity = 0;
  for (int64_t i = 0; i < n; ++i)
    push(makeInt(i));
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum = numbers[i].integer - sum;
  free(numbers);
  return sum;
}
