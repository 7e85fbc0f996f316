// Encodes and decodes base64.
#include "bench.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t data[48 * 1024], decoded[sizeof data + 3];
static char encoded[sizeof data / 3 * 4 + 5];
static int8_t values[256];

static size_t encode(const uint8_t *in, size_t size, char *out) {
  char *start = out;
  for (; size >= 3; size -= 3, in += 3) {
    uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
    *out++ = digits[v >> 18];
    *out++ = digits[v >> 12 & 63];
    *out++ = digits[v >> 6 & 63];
    *out++ = digits[v & 63];
  }
  if (size) {
    uint32_t v = (uint32_t)in[0] << 16 | (size > 1 ? (uint32_t)in[1] << 8 : 0);
    *out++ = digits[v >> 18];
    *out++ = digits[v >> 12 & 63];
    *out++ = size > 1 ? digits[v >> 6 & 63] : '=';
    *out++ = '=';
  }
  *out = 0;
  return (size_t)(out - start);
}

static size_t decode(const char *in, uint8_t *out) {
  uint8_t *start = out;
  uint32_t v = 0;
  int bits = 0;
  for (; *in && *in != '='; in++) {
    int value = values[(uint8_t)*in];
    if (value < 0) continue;
    v = v << 6 | (uint32_t)value;
    if ((bits += 6) >= 8) *out++ = (uint8_t)(v >> (bits -= 8));
  }
  return (size_t)(out - start);
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 900);
  memset(values, -1, sizeof values);
  for (int i = 0; i < 64; i++) values[(uint8_t)digits[i]] = (int8_t)i;
  for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)bench_random();
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    size_t size = sizeof data - round % 5;
    size_t length = encode(data, size, encoded);
    size_t back = decode(encoded, decoded);
    if (back != size || memcmp(data, decoded, size)) return 1;
    sum = bench_mix(sum, length);
    sum = bench_mix(sum, (uint8_t)encoded[round]);
    data[round % size]++;
  }
  return bench_done(bench_mix_bytes(sum, encoded, sizeof encoded));
}
