#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t ack(int64_t m, int64_t n) {
  if (m == 0)
    return n + 1;
  if (n == 0)
    return ack(m - 1, 1);
  return ack(m - 1, ack(m, n - 1));
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  printf("%" PRId64 "\n", ack(atoll(argv[1]), atoll(argv[2])));
  return 0;
}
