// What the C programs share: how much to do, pseudo-random numbers that are the same everywhere, and a checksum.
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The amount of work: `full`, or that divided by the first argument.
static inline unsigned bench_work(int argc, char **argv, unsigned full) {
  unsigned divisor = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
  unsigned amount = full / (divisor ? divisor : 1);
  return amount ? amount : 1;
}

static uint64_t bench_state = 0x9e3779b97f4a7c15u;

// xorshift64*
static inline uint32_t bench_random(void) {
  bench_state ^= bench_state >> 12;
  bench_state ^= bench_state << 25;
  bench_state ^= bench_state >> 27;
  return (uint32_t)((bench_state * 0x2545f4914f6cdd1du) >> 32);
}

// Mixes a value into a checksum.
static inline uint64_t bench_mix(uint64_t sum, uint64_t value) {
  return (sum ^ value) * 0x100000001b3u + (sum >> 29);
}

// Mixes bytes into a checksum.
static inline uint64_t bench_mix_bytes(uint64_t sum, const void *data, size_t size) {
  const uint8_t *bytes = (const uint8_t *)data;
  for (size_t i = 0; i < size; i++) sum = bench_mix(sum, bytes[i]);
  return sum;
}

static inline int bench_done(uint64_t sum) {
  printf("%016llx\n", (unsigned long long)sum);
  return 0;
}

// Fills `text` with `size - 1` characters of words, numbers and lines, and a null byte.
static inline void bench_text(char *text, size_t size) {
  static const char *const words[] = {"the", "Compiler", "of", "memory", "a", "page", "is", "mapped", "and", "linear",
                                      "table", "INDEX", "calls", "function", "to", "return", "value", "Stack"};
  size_t at = 0;
  while (at + 16 < size) {
    uint32_t r = bench_random();
    if (r % 11 == 0) {
      at += (size_t)sprintf(text + at, "%u", (unsigned)(bench_random() % 100000));
    } else {
      const char *word = words[r % 18];
      size_t len = strlen(word);
      memcpy(text + at, word, len);
      at += len;
    }
    text[at++] = " ,\n \t. ;  "[(r >> 8) % 10];
  }
  while (at + 1 < size) text[at++] = '.';
  text[at] = 0;
}

#endif
