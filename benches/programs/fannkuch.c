// Flips pancakes: permutations of small arrays.
#include "bench.h"

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 6);
  uint64_t result = 0;
  enum { N = 9 };
  for (unsigned round = 0; round < rounds; round++) {
    int p[N], q[N], count[N], flips_most = 0, checksum = 0, r = N, number = 0;
    for (int i = 0; i < N; i++) p[i] = (i + (int)round) % N;
    for (;;) {
      for (; r != 1; r--) count[r - 1] = r;
      for (int i = 0; i < N; i++) q[i] = p[i];
      int flips = 0;
      for (int k; (k = q[0]) != 0; flips++)
        for (int i = 0, j = k; i < j; i++, j--) {
          int t = q[i];
          q[i] = q[j];
          q[j] = t;
        }
      if (flips > flips_most) flips_most = flips;
      checksum += number++ % 2 ? -flips : flips;
      for (;; r++) {
        if (r == N) goto done;
        int first = p[0];
        for (int i = 0; i < r; i++) p[i] = p[i + 1];
        p[r] = first;
        if (--count[r] > 0) break;
      }
    }
  done:
    result = bench_mix(result, (uint32_t)(checksum * 100 + flips_most));
  }
  return bench_done(result);
}
