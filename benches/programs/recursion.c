// Recursion: Fibonacci, Ackermann, Takeuchi, towers.
#include "bench.h"

__attribute__((noinline)) static unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

__attribute__((noinline)) static unsigned ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  return ackermann(m - 1, n ? ackermann(m, n - 1) : 1);
}

__attribute__((noinline)) static int tak(int x, int y, int z) {
  return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

static unsigned pegs[3];
__attribute__((noinline)) static void hanoi(int n, int from, int to, int over) {
  if (n == 0) return;
  hanoi(n - 1, from, over, to);
  pegs[from] -= (unsigned)n;
  pegs[to] += (unsigned)n;
  hanoi(n - 1, over, to, from);
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 9);
  uint64_t sum = 0;
  for (unsigned i = 0; i < rounds; i++) {
    sum = bench_mix(sum, fib(27 + i % 2));
    sum = bench_mix(sum, ackermann(2, 500 + i));
    sum = bench_mix(sum, (unsigned)tak(16, 11, (int)(i % 4)));
    hanoi(17, 0, 1 + (int)(i % 2), 2 - (int)(i % 2));
    sum = bench_mix(sum, pegs[1]);
  }
  return bench_done(sum);
}
