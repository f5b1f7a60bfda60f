#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  int64_t *numbers = NULL, size = 0, capacity = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (size == capacity) {
      capacity = capacity ? 2 * capacity : 4;
      numbers = realloc(numbers, capacity * sizeof(*numbers));
      if (!numbers)
        return 1;
    }
    numbers[size++] = i;
  }
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum = numbers[i] - sum;
  printf("%" PRId64 "\n", sum);
  return 0;
}
