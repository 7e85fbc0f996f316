// Compression: LZ77 with a hash of three bytes, then canonical order-0 coding by an adaptive range coder; and back.
#include "bench.h"

enum { SIZE = 1 << 17, HASH = 1 << 14 };
static uint8_t input[SIZE], tokens[2 * SIZE], packed[2 * SIZE], unpacked[2 * SIZE], output[SIZE];
static int heads[HASH], previous[SIZE];

static size_t find_matches(const uint8_t *in, size_t size, uint8_t *out) {
  uint8_t *start = out;
  memset(heads, -1, sizeof heads);
  for (size_t at = 0; at < size;) {
    size_t best = 0, distance = 0;
    if (at + 4 < size) {
      uint32_t h = ((uint32_t)in[at] << 16 | (uint32_t)in[at + 1] << 8 | in[at + 2]) * 2654435761u >> 18;
      int tries = 12;
      for (int candidate = heads[h]; candidate >= 0 && tries-- && at - (size_t)candidate < 65535;
           candidate = previous[candidate]) {
        size_t length = 0;
        while (length < 255 && at + length < size && in[(size_t)candidate + length] == in[at + length]) length++;
        if (length > best) best = length, distance = at - (size_t)candidate;
      }
      previous[at] = heads[h];
      heads[h] = (int)at;
    }
    if (best >= 4) {
      *out++ = 0;
      *out++ = (uint8_t)best;
      *out++ = (uint8_t)distance;
      *out++ = (uint8_t)(distance >> 8);
      at += best;
    } else {
      *out++ = 1;
      *out++ = in[at++];
    }
  }
  return (size_t)(out - start);
}

static size_t copy_matches(const uint8_t *in, size_t size, uint8_t *out) {
  uint8_t *start = out;
  const uint8_t *end = in + size;
  while (in < end) {
    if (*in++) {
      *out++ = *in++;
    } else {
      size_t length = in[0], distance = in[1] | (size_t)in[2] << 8;
      in += 3;
      for (; length; length--, out++) *out = out[-(ptrdiff_t)distance];
    }
  }
  return (size_t)(out - start);
}

// A binary adaptive range coder over the bits of bytes, with the byte before as context.
static uint16_t chances[2][256][256];

static void reset(void) {
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 256; j++)
      for (int k = 0; k < 256; k++) chances[i][j][k] = 1024;
}

static size_t pack(const uint8_t *in, size_t size, uint8_t *out) {
  uint8_t *start = out;
  uint32_t low = 0, high = ~0u;
  uint8_t context = 0;
  reset();
  for (size_t i = 0; i < size; i++) {
    unsigned node = 1;
    for (int bit = 7; bit >= 0; bit--) {
      unsigned value = in[i] >> bit & 1;
      uint16_t *chance = &chances[i & 1][context][node];
      uint32_t middle = low + (high - low) / 2048 * *chance;
      if (value) high = middle, *chance += (2048 - *chance) >> 5;
      else low = middle + 1, *chance -= *chance >> 5;
      node = node * 2 + value;
      while ((low ^ high) >> 24 == 0) *out++ = (uint8_t)(high >> 24), low <<= 8, high = high << 8 | 255;
    }
    context = in[i];
  }
  for (int i = 0; i < 4; i++) *out++ = (uint8_t)(high >> 24), high <<= 8;
  return (size_t)(out - start);
}

static void unpack(const uint8_t *in, uint8_t *out, size_t size) {
  uint32_t low = 0, high = ~0u, code = 0;
  uint8_t context = 0;
  reset();
  for (int i = 0; i < 4; i++) code = code << 8 | *in++;
  for (size_t i = 0; i < size; i++) {
    unsigned node = 1;
    while (node < 256) {
      uint16_t *chance = &chances[i & 1][context][node];
      uint32_t middle = low + (high - low) / 2048 * *chance;
      unsigned value = code <= middle;
      if (value) high = middle, *chance += (2048 - *chance) >> 5;
      else low = middle + 1, *chance -= *chance >> 5;
      node = node * 2 + value;
      while ((low ^ high) >> 24 == 0) low <<= 8, high = high << 8 | 255, code = code << 8 | *in++;
    }
    out[i] = context = (uint8_t)node;
  }
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 10);
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    bench_text((char *)input, sizeof input);
    size_t size = find_matches(input, sizeof input, tokens);
    size_t bytes = pack(tokens, size, packed);
    unpack(packed, unpacked, size);
    if (memcmp(tokens, unpacked, size)) return 1;
    if (copy_matches(unpacked, size, output) != sizeof input || memcmp(input, output, sizeof input)) return 2;
    sum = bench_mix(sum, bytes);
    sum = bench_mix_bytes(sum, packed, bytes);
  }
  return bench_done(sum);
}
