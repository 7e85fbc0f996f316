// SHA3-256: the Keccak permutation.
#include "bench.h"

static uint64_t rotate(uint64_t x, unsigned n) { return x << n | x >> (64 - n); }

static void permute(uint64_t *s) {
  static const unsigned turns[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
  static const unsigned lanes[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};
  static const uint64_t constants[24] = {
      0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
      0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
      0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
      0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
  for (int round = 0; round < 24; round++) {
    uint64_t c[5];
    for (int i = 0; i < 5; i++) c[i] = s[i] ^ s[i + 5] ^ s[i + 10] ^ s[i + 15] ^ s[i + 20];
    for (int i = 0; i < 5; i++) {
      uint64_t t = c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1);
      for (int j = 0; j < 25; j += 5) s[j + i] ^= t;
    }
    uint64_t t = s[1];
    for (int i = 0; i < 24; i++) {
      uint64_t next = s[lanes[i]];
      s[lanes[i]] = rotate(t, turns[i]);
      t = next;
    }
    for (int j = 0; j < 25; j += 5) {
      for (int i = 0; i < 5; i++) c[i] = s[j + i];
      for (int i = 0; i < 5; i++) s[j + i] ^= ~c[(i + 1) % 5] & c[(i + 2) % 5];
    }
    s[0] ^= constants[round];
  }
}

static void sha3(const uint8_t *data, size_t size, uint64_t *digest) {
  uint64_t s[25] = {0};
  uint8_t block[136];
  for (;;) {
    size_t part = size < sizeof block ? size : sizeof block;
    memcpy(block, data, part);
    if (part < sizeof block) {
      memset(block + part, 0, sizeof block - part);
      block[part] = 6;
      block[135] |= 0x80;
    }
    for (int i = 0; i < 17; i++) {
      uint64_t lane;
      memcpy(&lane, block + 8 * i, 8);
      s[i] ^= lane;
    }
    permute(s);
    if (part < sizeof block) break;
    data += part, size -= part;
  }
  memcpy(digest, s, 32);
}

static uint8_t message[5000];

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 8000);
  for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)bench_random();
  uint64_t digest[4], sum = 0;
  sha3((const uint8_t *)"abc", 3, digest);
  static const uint8_t expected[8] = {0x3a, 0x98, 0x5d, 0xa7, 0x4f, 0xe2, 0x25, 0xb2};
  if (memcmp(digest, expected, sizeof expected)) return 1;
  for (unsigned i = 0; i < rounds; i++) {
    sha3(message, i * 11 % sizeof message, digest);
    sum = bench_mix(sum, digest[0]);
    memcpy(message + i % 97, digest, sizeof digest);
  }
  return bench_done(sum);
}
