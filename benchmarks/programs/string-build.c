#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  long n = atol(argv[argc - 1]);
  char *text = NULL;
  size_t size = 0, capacity = 0;
  for (long i = 0; i < n; ++i) {
    if (size + 2 > capacity) {
      capacity = capacity ? 2 * capacity : 16;
      text = realloc(text, capacity);
      if (!text)
        return 1;
    }
    memcpy(text + size, "ab", 2);
    size += 2;
  }
  printf("%zu\n", size);
  return 0;
}
