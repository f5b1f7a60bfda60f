#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t *numbers;

static void quicksort(int64_t low, int64_t high) {
  if (low >= high)
    return;
  int64_t pivot = numbers[(low + high) >> 1];
  int64_t left = low, right = high;
  while (left <= right) {
    while (numbers[left] < pivot)
      ++left;
    while (numbers[right] > pivot)
      --right;
    if (left <= right) {
      int64_t other = numbers[left];
      numbers[left++] = numbers[right];
      numbers[right--] = other;
    }
  }
  quicksort(low, right);
  quicksort(left, high);
}

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  numbers = malloc(n * sizeof(*numbers));
  int64_t seed = 42;
  for (int64_t i = 0; i < n; ++i) {
    seed = seed * 16807 % 2147483647;
    numbers[i] = seed;
  }
  quicksort(0, n - 1);
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum = (sum * 31 + numbers[i]) % 1000003;
  printf("%" PRId64 "\n", sum);
  return 0;
}
