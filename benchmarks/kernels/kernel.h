/* What the kernels in C have in common: values as fusevm has them in arrays, sixteen bytes each,
   and the program around the kernel. It runs `kernel(N)` for about SECONDS and prints what that
   returned, and the processor time of the fastest run and of the one in the middle. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum Kind { Bool = 1, Int = 2, Float = 3 };

typedef struct {
  uint32_t kind;
  union {
    int64_t integer;
    double number;
  };
} Value;

static inline Value makeBool(bool value) { return (Value){Bool, {.integer = value}}; }
static inline Value makeInt(int64_t value) { return (Value){Int, {.integer = value}}; }
static inline Value makeFloat(double value) { return (Value){Float, {.number = value}}; }

static inline Value *makeValues(int64_t count) { return malloc(count * sizeof(Value)); }

/* Seen by the compiler as something that it knows nothing of. */
__attribute__((noinline)) int64_t kernel(int64_t n);

/* Processor time. */
static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static int compareTimes(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv) {
  volatile int64_t n = atoll(argv[1]);
  double left = atof(argv[2]);
  static double times[100000];
  int runs = 0;
  volatile int64_t result = kernel(n);
  while (runs < 3 || (left > 0 && runs < 100000)) {
    double begin = seconds();
    result = kernel(n);
    times[runs] = seconds() - begin;
    left -= times[runs++];
  }
  qsort(times, runs, sizeof(*times), compareTimes);
  printf("%" PRId64 "\n%.9f %.9f\n", result, times[0], times[runs / 2]);
  return argc < 3;
}
