#include "kernel.h"

/* As native code calls: through a table, with a look at how deep calls are. */
typedef int64_t (*Sub)(int64_t n, int64_t callsLeft);

static int64_t fib(int64_t n, int64_t callsLeft);
Sub subs[] = {fib};

static _Noreturn void failTooDeep(void) {
  fputs("too many calls\n", stderr);
  exit(1);
}

static inline __attribute__((always_inline)) int64_t call(int64_t n, int64_t callsLeft) {
  if (callsLeft == 0)
    failTooDeep();
  return subs[0](n, callsLeft - 1);
}

static int64_t fib(int64_t n, int64_t callsLeft) {
  return n < 2 ? n : call(n - 1, callsLeft) + call(n - 2, callsLeft);
}

int64_t kernel(int64_t n) { return call(n, 10000); }
