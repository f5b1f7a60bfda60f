#include "kernel.h"

static Value *numbers;

static void quicksort(int64_t low, int64_t high) {
  if (low >= high)
    return;
  int64_t pivot = numbers[(low + high) >> 1].integer;
  int64_t left = low, right = high;
  while (left <= right) {
    while (numbers[left].integer < pivot)
      ++left;
    while (numbers[right].integer > pivot)
      --right;
    if (left <= right) {
      Value other = numbers[left];
      numbers[left++] = numbers[right];
      numbers[right--] = other;
    }
  }
  quicksort(low, right);
  quicksort(left, high);
}

int64_t kernel(int64_t n) {
  numbers = makeValues(n);
  int64_t seed = 42;
  for (int64_t i = 0; i < n; ++i) {
    seed = seed * 16807 % 2147483647;
    numbers[i] = makeInt(seed);
  }
  quicksort(0, n - 1);
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum = (sum * 31 + numbers[i].integer) % 1000003;
  free(numbers);
  return sum;
}
