#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Inlined, nothing would be left of the calls. */
__attribute__((noinline)) static int64_t blend(int64_t a, int64_t b) {
  int64_t low = b - a;
  int64_t high = b + 3;
  int64_t both = low + high;
  return both;
}

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum = blend(sum, i);
  printf("%" PRId64 "\n", sum);
  return 0;
}
