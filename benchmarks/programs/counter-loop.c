#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    sum = i - sum + 3;
    /* Rounds of which the compiler can see more than one at a time become one. */
    __asm__ volatile("" : "+r"(sum));
  }
  printf("%" PRId64 "\n", sum);
  return 0;
}
