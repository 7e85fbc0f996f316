// Copies, fills and compares memory, from one byte to a megabyte, at every alignment.
#include "bench.h"

enum { SIZE = 1 << 20 };
static uint8_t from[SIZE + 64], to[SIZE + 64];

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 140);
  for (size_t i = 0; i < sizeof from; i++) from[i] = (uint8_t)bench_random();
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    for (size_t size = 1; size <= 64; size++)
      for (unsigned i = 0; i < 400; i++) {
        memcpy(to + i % 13, from + i % 7, size);
        sum += to[i % 13 + size - 1];
      }
    for (size_t size = 64; size <= SIZE; size += size / 3) {
      unsigned times = (unsigned)(200000 / size) + 1;
      for (unsigned i = 0; i < times; i++) {
        memcpy(to + i % 17, from + i % 5, size);
        memmove(to + i % 3, to + 9, size);
        sum += (uint64_t)(memcmp(to, from, size) > 0);
        memset(to + i % 19, (int)i, size);
        sum += to[size / 2];
      }
    }
    sum = bench_mix(sum, round);
  }
  return bench_done(bench_mix_bytes(sum, to, 4096));
}
