#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  bool *prime = malloc(n);
  for (int64_t i = 0; i < n; ++i)
    prime[i] = true;
  int64_t count = 0;
  for (int64_t i = 2; i < n; ++i) {
    if (!prime[i])
      continue;
    ++count;
    for (int64_t multiple = i * i; multiple < n; multiple += i)
      prime[multiple] = false;
  }
  printf("%" PRId64 "\n", count);
  return 0;
}
