// Kernels over vectors of 128 bits: dot product, blur, sum of absolute differences, case conversion, 4x4 matrices.
#include "bench.h"

typedef float floats __attribute__((vector_size(16), aligned(4)));
typedef int32_t ints __attribute__((vector_size(16), aligned(4)));
typedef uint8_t bytes __attribute__((vector_size(16), aligned(1)));
typedef int8_t signs __attribute__((vector_size(16), aligned(1)));
typedef uint16_t shorts __attribute__((vector_size(16), aligned(2)));

enum { N = 4096, SIDE = 128 };
static float x[N], y[N];
static uint8_t image[SIDE][SIDE], blurred[SIDE][SIDE];
static char text[N];

static float dot(void) {
  floats sum = {0};
  for (int i = 0; i < N; i += 4) sum += *(floats *)(x + i) * *(floats *)(y + i);
  return sum[0] + sum[1] + sum[2] + sum[3];
}

static void axpy(float k) {
  floats ks = {k, k, k, k};
  for (int i = 0; i < N; i += 4) *(floats *)(y + i) = *(floats *)(y + i) * 0.5f + ks * *(floats *)(x + i);
}

static shorts widen(const uint8_t *p) {
  typedef uint8_t half __attribute__((vector_size(8), aligned(1)));
  return __builtin_convertvector(*(const half *)p, shorts);
}

static void blur(void) {
  for (int row = 1; row + 1 < SIDE; row++)
    for (int column = 1; column + 9 < SIDE; column += 8) {
      shorts sum = {0};
      for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) sum += widen(&image[row + i][column + j]);
      sum = sum * 7 >> 6;
      typedef uint8_t half __attribute__((vector_size(8), aligned(1)));
      *(half *)&blurred[row][column] = __builtin_convertvector(sum, half);
    }
}

static uint32_t difference(void) {
  uint32_t total = 0;
  for (int row = 0; row < SIDE; row++) {
    shorts sum = {0};
    for (int column = 0; column < SIDE; column += 8) {
      shorts a = widen(&image[row][column]), b = widen(&blurred[row][column]);
      shorts more = (shorts)(a > b);
      sum += ((a - b) & more) | ((b - a) & ~more);
    }
    for (int i = 0; i < 8; i++) total += sum[i];
  }
  return total;
}

static void upper(void) {
  for (int i = 0; i < N; i += 16) {
    bytes v = *(bytes *)(text + i);
    bytes lower = (bytes)(v >= 'a') & (bytes)(v <= 'z');
    *(bytes *)(text + i) = v ^ (lower & 0x20) ^ (bytes)((v >= 'A') & (v <= 'Z') & 0x20);
  }
}

static void transform(float (*points)[4], int count, const float (*m)[4]) {
  for (int i = 0; i < count; i++) {
    floats out = {0};
    for (int j = 0; j < 4; j++) {
      float p = points[i][j];
      out += *(const floats *)m[j] * (floats){p, p, p, p};
    }
    *(floats *)points[i] = out;
  }
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 9000);
  for (int i = 0; i < N; i++) x[i] = (float)(bench_random() % 256) / 64, y[i] = (float)(bench_random() % 256) / 64;
  for (int i = 0; i < SIDE * SIDE; i++) ((uint8_t *)image)[i] = (uint8_t)bench_random();
  bench_text(text, sizeof text);
  static const float m[4][4] = {{0.8f, 0.6f, 0, 0}, {-0.6f, 0.8f, 0, 0}, {0, 0, 1, 0}, {0.5f, 0.25f, 0, 1}};
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    float d = dot();
    sum = bench_mix_bytes(sum, &d, sizeof d);
    axpy((float)(round % 8) / 16);
    blur();
    sum = bench_mix(sum, difference());
    upper();
    transform((float(*)[4])x, 64, m);
    image[round % SIDE][round % 31] ^= (uint8_t)round;
  }
  sum = bench_mix_bytes(sum, text, sizeof text);
  return bench_done(bench_mix_bytes(sum, blurred, sizeof blurred));
}
