// X25519: the Montgomery ladder over 2^255 - 19, in sixteen limbs of 16 bits and in five of 51 (128-bit products).
#include "bench.h"

typedef int64_t small[16];

static void carry16(small o) {
  for (int i = 0; i < 16; i++) {
    o[i] += 1 << 16;
    int64_t c = o[i] >> 16;
    o[(i + 1) * (i < 15)] += c - 1 + 37 * (c - 1) * (i == 15);
    o[i] -= c * 65536;
  }
}

static void multiply16(small o, const small a, const small b) {
  int64_t t[31] = {0};
  for (int i = 0; i < 16; i++)
    for (int j = 0; j < 16; j++) t[i + j] += a[i] * b[j];
  for (int i = 0; i < 15; i++) t[i] += 38 * t[i + 16];
  for (int i = 0; i < 16; i++) o[i] = t[i];
  carry16(o);
  carry16(o);
}

typedef uint64_t large[5];
typedef unsigned __int128 wide;
static const uint64_t mask = (1ull << 51) - 1;

static void multiply51(large o, const large a, const large b) {
  uint64_t b1 = b[1] * 19, b2 = b[2] * 19, b3 = b[3] * 19, b4 = b[4] * 19;
  wide t0 = (wide)a[0] * b[0] + (wide)a[1] * b4 + (wide)a[2] * b3 + (wide)a[3] * b2 + (wide)a[4] * b1;
  wide t1 = (wide)a[0] * b[1] + (wide)a[1] * b[0] + (wide)a[2] * b4 + (wide)a[3] * b3 + (wide)a[4] * b2;
  wide t2 = (wide)a[0] * b[2] + (wide)a[1] * b[1] + (wide)a[2] * b[0] + (wide)a[3] * b4 + (wide)a[4] * b3;
  wide t3 = (wide)a[0] * b[3] + (wide)a[1] * b[2] + (wide)a[2] * b[1] + (wide)a[3] * b[0] + (wide)a[4] * b4;
  wide t4 = (wide)a[0] * b[4] + (wide)a[1] * b[3] + (wide)a[2] * b[2] + (wide)a[3] * b[1] + (wide)a[4] * b[0];
  t1 += (uint64_t)(t0 >> 51);
  t2 += (uint64_t)(t1 >> 51);
  t3 += (uint64_t)(t2 >> 51);
  t4 += (uint64_t)(t3 >> 51);
  uint64_t r0 = ((uint64_t)t0 & mask) + 19 * (uint64_t)(t4 >> 51);
  o[1] = ((uint64_t)t1 & mask) + (r0 >> 51);
  o[0] = r0 & mask;
  o[2] = (uint64_t)t2 & mask;
  o[3] = (uint64_t)t3 & mask;
  o[4] = (uint64_t)t4 & mask;
}

static void add51(large o, const large a, const large b) {
  for (int i = 0; i < 5; i++) o[i] = a[i] + b[i];
}

static void subtract51(large o, const large a, const large b) {
  static const large twice = {0xfffffffffffda, 0xffffffffffffe, 0xffffffffffffe, 0xffffffffffffe, 0xffffffffffffe};
  for (int i = 0; i < 5; i++) o[i] = a[i] + twice[i] - b[i];
}

static void swap51(large a, large b, uint64_t bit) {
  for (int i = 0; i < 5; i++) {
    uint64_t t = (a[i] ^ b[i]) & (0 - bit);
    a[i] ^= t;
    b[i] ^= t;
  }
}

static void ladder(large x2, large z2, const uint8_t *scalar, const large x1) {
  large x3, z3 = {1}, a, b, c, d, e, f, g;
  static const large a24 = {121665};
  memcpy(x3, x1, sizeof x3);
  memset(x2, 0, sizeof(large));
  memset(z2, 0, sizeof(large));
  x2[0] = 1;
  for (int i = 254; i >= 0; i--) {
    uint64_t bit = scalar[i / 8] >> i % 8 & 1;
    swap51(x2, x3, bit);
    swap51(z2, z3, bit);
    add51(a, x2, z2), subtract51(b, x2, z2), add51(c, x3, z3), subtract51(d, x3, z3);
    multiply51(d, d, a), multiply51(c, c, b);
    multiply51(f, a, a), multiply51(g, b, b);
    add51(e, d, c), multiply51(x3, e, e);
    subtract51(e, d, c), multiply51(e, e, e), multiply51(z3, e, x1);
    multiply51(x2, f, g);
    subtract51(e, f, g), multiply51(a, e, a24), add51(a, a, f), multiply51(z2, e, a);
    swap51(x2, x3, bit);
    swap51(z2, z3, bit);
  }
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 420);
  uint8_t scalar[32];
  for (int i = 0; i < 32; i++) scalar[i] = (uint8_t)bench_random();
  large base = {9}, x, z;
  small p, q;
  for (int i = 0; i < 16; i++) p[i] = bench_random() & 0xffff, q[i] = bench_random() & 0xffff;
  uint64_t sum = 0;
  for (unsigned i = 0; i < rounds; i++) {
    ladder(x, z, scalar, base);
    for (int j = 0; j < 5; j++) sum = bench_mix(sum, x[j] ^ z[j] << 1);
    for (int j = 0; j < 500; j++) {
      multiply16(p, p, q);
      multiply16(q, q, q);
    }
    for (int j = 0; j < 16; j++) sum = bench_mix(sum, (uint64_t)p[j]);
    scalar[i % 31] ^= (uint8_t)x[0];
    base[0] = (x[1] & mask) | 1;
  }
  return bench_done(sum);
}
