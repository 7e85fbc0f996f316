// The sieve of Eratosthenes over bytes and over bits.
#include "bench.h"

enum { N = 400000 };
static uint8_t flags[N + 1];
static uint32_t bits[N / 32 + 1];

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 50);
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    unsigned count = 0;
    memset(flags, 1, sizeof flags);
    for (unsigned i = 2; i <= N; i++)
      if (flags[i]) {
        for (unsigned k = 2 * i; k <= N; k += i) flags[k] = 0;
        count++;
      }
    memset(bits, 0, sizeof bits);
    for (unsigned i = 2; i <= N; i++)
      if (!(bits[i / 32] >> i % 32 & 1)) {
        for (unsigned k = 2 * i; k <= N; k += i) bits[k / 32] |= 1u << k % 32;
        count++;
      }
    sum = bench_mix(sum, count + flags[N - round]);
  }
  return bench_done(sum);
}
