// ChaCha20: encrypts a buffer over and over.
#include "bench.h"

static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

#define QUARTER(a, b, c, d)                                                                                        \
  x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 16), x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 12), x[a] += x[b],         \
      x[d] = rotate(x[d] ^ x[a], 8), x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 7)

static void block(const uint32_t *input, uint8_t *data) {
  uint32_t x[16];
  memcpy(x, input, sizeof x);
  for (int i = 0; i < 10; i++) {
    QUARTER(0, 4, 8, 12);
    QUARTER(1, 5, 9, 13);
    QUARTER(2, 6, 10, 14);
    QUARTER(3, 7, 11, 15);
    QUARTER(0, 5, 10, 15);
    QUARTER(1, 6, 11, 12);
    QUARTER(2, 7, 8, 13);
    QUARTER(3, 4, 9, 14);
  }
  for (int i = 0; i < 16; i++) {
    uint32_t word;
    memcpy(&word, data + 4 * i, 4);
    word ^= x[i] + input[i];
    memcpy(data + 4 * i, &word, 4);
  }
}

static uint8_t data[1 << 16];

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 900);
  uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (int i = 4; i < 12; i++) state[i] = bench_random();
  for (unsigned round = 0; round < rounds; round++) {
    state[12] = 0;
    state[13] = round;
    for (size_t at = 0; at < sizeof data; at += 64) {
      block(state, data + at);
      state[12]++;
    }
  }
  return bench_done(bench_mix_bytes(0, data, sizeof data));
}
