// Indirect calls: a table of operations of one type, callbacks, and objects with tables of methods.
#include "bench.h"

typedef uint32_t operation(uint32_t, uint32_t);
static uint32_t plus(uint32_t a, uint32_t b) { return a + b; }
static uint32_t minus(uint32_t a, uint32_t b) { return a - b; }
static uint32_t times(uint32_t a, uint32_t b) { return a * (b | 1); }
static uint32_t xor(uint32_t a, uint32_t b) { return a ^ b; }
static uint32_t rotate(uint32_t a, uint32_t b) { return a << (b & 31) | a >> (-b & 31); }
static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t mix(uint32_t a, uint32_t b) { return (a ^ a >> 15) * 0x85ebca6bu + b; }
static uint32_t keep(uint32_t a, uint32_t b) { return a + (b & 1); }
static operation *const operations[8] = {plus, minus, times, xor, rotate, least, mix, keep};

struct shape;
struct methods {
  double (*area)(const struct shape *);
  void (*grow)(struct shape *, double);
};
struct shape {
  const struct methods *methods;
  double a, b;
};
static double circle_area(const struct shape *s) { return 3.14159 * s->a * s->a; }
static double box_area(const struct shape *s) { return s->a * s->b; }
static double triangle_area(const struct shape *s) { return s->a * s->b / 2; }
static void grow_one(struct shape *s, double k) { s->a *= k; }
static void grow_both(struct shape *s, double k) { s->a *= k, s->b *= k; }
static const struct methods kinds[3] = {{circle_area, grow_one}, {box_area, grow_both}, {triangle_area, grow_both}};

__attribute__((noinline)) static void each(uint32_t *values, int count, operation *f, uint32_t argument) {
  for (int i = 0; i < count; i++) values[i] = f(values[i], argument);
}

enum { N = 1024 };
static uint8_t program[N];
static uint32_t values[N];
static struct shape shapes[N];

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 9000);
  for (int i = 0; i < N; i++) {
    program[i] = (uint8_t)(bench_random() % 8);
    values[i] = bench_random();
    shapes[i] = (struct shape){&kinds[bench_random() % 3], bench_random() % 10 + 1, bench_random() % 10 + 1};
  }
  uint64_t sum = 0;
  double total = 0;
  for (unsigned round = 0; round < rounds; round++) {
    uint32_t a = round;
    for (int i = 0; i < N; i++) a = operations[program[i]](a, values[i]);
    sum = bench_mix(sum, a);
    each(values, N, operations[round % 8], a);
    for (int i = 0; i < N; i++) {
      struct shape *s = &shapes[i];
      total += s->methods->area(s);
      s->methods->grow(s, round % 2 ? 0.5 : 2);
    }
  }
  return bench_done(bench_mix_bytes(sum, &total, sizeof total));
}
