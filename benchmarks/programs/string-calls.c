#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Inlined, nothing would be left of the calls. */
__attribute__((noinline)) static const char *choose(const char *a, const char *b, bool first) {
  if (strcmp(a, b) == 0)
    return "same";
  if (first)
    return a;
  return b;
}

int main(int argc, char **argv) {
  int64_t n = atoll(argv[argc - 1]);
  const char *text = "left";
  int64_t count = 0, turn = 0;
  for (int64_t i = 0; i < n; ++i) {
    text = choose(text, "right", turn == 0);
    if (strcmp(text, "right") == 0)
      ++count;
    text = choose("left", text, turn == 1);
    if (++turn == 3)
      turn = 0;
  }
  printf("%" PRId64 "\n", count);
  return 0;
}
