// Vector code as a compiler and as people write it: an image filter and matrices that clang vectorizes, base64, sums and
// conversions by intrinsics, each held against plain code in the same program.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm_simd128.h>

static uint64_t state = 88172645463325252ull;

static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

static uint64_t hash(const void *data, size_t size) {
  const uint8_t *bytes = data;
  uint64_t sum = 14695981039346656037ull;
  for (size_t i = 0; i < size; i++) sum = (sum ^ bytes[i]) * 1099511628211ull;
  return sum;
}

static void report(const char *what, const void *data, size_t size) {
  printf("%-24s %016llx\n", what, (unsigned long long)hash(data, size));
}

static void require(int holds, const char *what) {
  if (!holds) {
    printf("%s: wrong\n", what);
    exit(1);
  }
}

// An image: blurred twice, sharpened, and its histogram equalized.

enum { WIDTH = 317, HEIGHT = 211 };
static uint8_t image[HEIGHT][WIDTH], blurred[HEIGHT][WIDTH], sharp[HEIGHT][WIDTH];

static void blur(uint8_t to[HEIGHT][WIDTH], uint8_t from[HEIGHT][WIDTH]) {
  memcpy(to, from, sizeof image);
  for (int y = 1; y < HEIGHT - 1; y++)
    for (int x = 1; x < WIDTH - 1; x++) {
      int sum = from[y - 1][x - 1] + 2 * from[y - 1][x] + from[y - 1][x + 1] + 2 * from[y][x - 1] + 4 * from[y][x] +
                2 * from[y][x + 1] + from[y + 1][x - 1] + 2 * from[y + 1][x] + from[y + 1][x + 1];
      to[y][x] = (uint8_t)((sum + 8) >> 4);
    }
}

static void images(void) {
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) image[y][x] = (uint8_t)(128 + 100 * sin(x * 0.05) * cos(y * 0.07) + next() % 27);
  report("image", image, sizeof image);
  blur(blurred, image);
  blur(sharp, blurred);
  report("blurred twice", sharp, sizeof sharp);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      int value = 2 * image[y][x] - blurred[y][x];
      sharp[y][x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
  report("sharpened", sharp, sizeof sharp);
  uint64_t difference = 0, least = 255, largest = 0;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      difference += (uint64_t)abs(image[y][x] - sharp[y][x]);
      least = sharp[y][x] < least ? sharp[y][x] : least;
      largest = sharp[y][x] > largest ? sharp[y][x] : largest;
    }
  printf("difference %llu, from %llu to %llu\n", (unsigned long long)difference, (unsigned long long)least,
         (unsigned long long)largest);
}

// Base64: twelve bytes become sixteen characters at a time.

static v128_t encode_block(v128_t bytes) {
  v128_t spread = wasm_i8x16_swizzle(bytes, wasm_i8x16_const(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  v128_t a = wasm_u32x4_shr(wasm_v128_and(spread, wasm_i32x4_splat(0x0000fc00)), 10);
  v128_t b = wasm_i32x4_shl(wasm_v128_and(spread, wasm_i32x4_splat(0x000003f0)), 4);
  v128_t c = wasm_u32x4_shr(wasm_v128_and(spread, wasm_i32x4_splat(0x0fc00000)), 6);
  v128_t d = wasm_i32x4_shl(wasm_v128_and(spread, wasm_i32x4_splat(0x003f0000)), 8);
  v128_t index = wasm_v128_or(wasm_v128_or(a, b), wasm_v128_or(c, d));
  v128_t kind = wasm_u8x16_sub_sat(index, wasm_i8x16_splat(51));
  kind = wasm_v128_or(kind, wasm_v128_and(wasm_i8x16_lt(index, wasm_i8x16_splat(26)), wasm_i8x16_splat(13)));
  v128_t shift = wasm_i8x16_const('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                  '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
  return wasm_i8x16_add(index, wasm_i8x16_swizzle(shift, kind));
}

static void base64(void) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  enum { SIZE = 12 * 500 };
  static uint8_t input[SIZE + 16];
  static char output[SIZE / 3 * 4], plain[SIZE / 3 * 4];
  for (int i = 0; i < SIZE; i++) input[i] = (uint8_t)next();
  for (int i = 0; i < SIZE / 12; i++) wasm_v128_store(output + 16 * i, encode_block(wasm_v128_load(input + 12 * i)));
  for (int i = 0; i < SIZE / 3; i++) {
    uint32_t word = (uint32_t)input[3 * i] << 16 | (uint32_t)input[3 * i + 1] << 8 | input[3 * i + 2];
    for (int k = 0; k < 4; k++) plain[4 * i + k] = digits[word >> (18 - 6 * k) & 63];
  }
  report("base64", output, sizeof output);
  printf("%.64s\n", output);
  require(memcmp(output, plain, sizeof output) == 0, "base64");
}

// Matrices of floats and doubles.

enum { SIDE = 61 };
static float fa[SIDE][SIDE], fb[SIDE][SIDE], fc[SIDE][SIDE];
static double da[SIDE][SIDE], db[SIDE][SIDE], dc[SIDE][SIDE];

static void matrices(void) {
  for (int i = 0; i < SIDE; i++)
    for (int k = 0; k < SIDE; k++) {
      fa[i][k] = (float)(int32_t)next() / 65536.0f;
      fb[i][k] = (float)(next() % 1000) - 500.0f;
      da[i][k] = fa[i][k] / 3.0;
      db[i][k] = sqrt(fabs((double)fb[i][k]));
    }
  for (int i = 0; i < SIDE; i++)
    for (int k = 0; k < SIDE; k++)
      for (int j = 0; j < SIDE; j++) {
        fc[i][j] += fa[i][k] * fb[k][j];
        dc[i][j] += da[i][k] * db[k][j];
      }
  report("floats", fc, sizeof fc);
  report("doubles", dc, sizeof dc);
  static float rounded[4][SIDE * SIDE];
  for (int i = 0; i < SIDE * SIDE; i++) {
    float value = (&fc[0][0])[i] / 1000.0f;
    rounded[0][i] = floorf(value);
    rounded[1][i] = ceilf(value);
    rounded[2][i] = truncf(value);
    rounded[3][i] = rintf(value);
  }
  report("rounded", rounded, sizeof rounded);
}

// Conversions between every two kinds of lanes, by loops.

#define CONVERSION(to, from)                                                      \
  do {                                                                            \
    static to results[COUNT];                                                     \
    for (int i = 0; i < COUNT; i++) results[i] = (to)from##s[i];                  \
    report(#from " to " #to, results, sizeof results);                            \
  } while (0)

enum { COUNT = 1003 };
static int8_t int8_ts[COUNT];
static uint8_t uint8_ts[COUNT];
static int16_t int16_ts[COUNT];
static uint16_t uint16_ts[COUNT];
static int32_t int32_ts[COUNT];
static uint32_t uint32_ts[COUNT];
static int64_t int64_ts[COUNT];
static float floats[COUNT];
static double doubles[COUNT];

static void conversions(void) {
  for (int i = 0; i < COUNT; i++) {
    int64_ts[i] = (int64_t)next() << 32 | next();
    int32_ts[i] = (int32_t)(uint32_ts[i] = next());
    int16_ts[i] = (int16_t)(uint16_ts[i] = (uint16_t)next());
    int8_ts[i] = (int8_t)(uint8_ts[i] = (uint8_t)next());
    floats[i] = (float)(next() % 2000000) / 64.0f;
    doubles[i] = (double)(next() >> 1) / 3.0;
  }
  CONVERSION(int16_t, int8_t);
  CONVERSION(uint16_t, uint8_t);
  CONVERSION(int32_t, int8_t);
  CONVERSION(int32_t, int16_t);
  CONVERSION(uint32_t, uint16_t);
  CONVERSION(int64_t, int32_t);
  CONVERSION(int64_t, uint32_t);
  CONVERSION(int8_t, int16_t);
  CONVERSION(uint8_t, uint32_t);
  CONVERSION(int16_t, int32_t);
  CONVERSION(int32_t, int64_t);
  CONVERSION(float, int32_t);
  CONVERSION(float, uint32_t);
  CONVERSION(float, int64_t);
  CONVERSION(double, int32_t);
  CONVERSION(double, uint32_t);
  CONVERSION(double, uint8_t);
  CONVERSION(float, double);
  CONVERSION(double, float);
  CONVERSION(int32_t, float);
  CONVERSION(uint32_t, float);
  CONVERSION(int32_t, double);
  CONVERSION(uint32_t, double);
  CONVERSION(int64_t, double);
}

// Sums and dot products by intrinsics, against the same by loops.

static void sums(void) {
  v128_t dot = wasm_i32x4_splat(0), bytes = wasm_i32x4_splat(0), wide = wasm_i64x2_splat(0);
  int32_t plain_dot = 0;
  uint32_t plain_bytes = 0;
  uint64_t plain_wide = 0;
  for (int i = 0; i + 16 <= COUNT; i += 16) {
    v128_t low = wasm_v128_load(int16_ts + i), high = wasm_v128_load(int16_ts + i + 8);
    dot = wasm_i32x4_add(dot, wasm_i32x4_dot_i16x8(low, high));
    v128_t pairs = wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(uint8_ts + i));
    bytes = wasm_i32x4_add(bytes, wasm_u32x4_extadd_pairwise_u16x8(pairs));
    v128_t words = wasm_v128_load(uint32_ts + i);
    wide = wasm_i64x2_add(wide, wasm_u64x2_extmul_low_u32x4(words, words));
    wide = wasm_i64x2_add(wide, wasm_u64x2_extmul_high_u32x4(words, words));
    for (int k = 0; k < 8; k++) plain_dot += int16_ts[i + k] * int16_ts[i + 8 + k];
    for (int k = 0; k < 16; k++) plain_bytes += uint8_ts[i + k];
    for (int k = 0; k < 4; k++) plain_wide += (uint64_t)uint32_ts[i + k] * uint32_ts[i + k];
  }
  uint32_t dot_sum = 0, byte_sum = 0;
  for (int k = 0; k < 4; k++) {
    uint32_t lanes[4];
    wasm_v128_store(lanes, dot);
    dot_sum += lanes[k];
    wasm_v128_store(lanes, bytes);
    byte_sum += lanes[k];
  }
  uint64_t wide_sum = (uint64_t)wasm_i64x2_extract_lane(wide, 0) + (uint64_t)wasm_i64x2_extract_lane(wide, 1);
  printf("sums %d %u %llx\n", (int32_t)dot_sum, byte_sum, (unsigned long long)wide_sum);
  require((int32_t)dot_sum == plain_dot, "dot product");
  require(byte_sum == plain_bytes, "sum of bytes");
  require(wide_sum == plain_wide, "sum of squares");
}

// The first byte of a string that is not a letter, sixteen at a time.

static size_t letters(const char *text) {
  for (size_t at = 0;; at += 16) {
    v128_t chunk = wasm_v128_or(wasm_v128_load(text + at), wasm_i8x16_splat(0x20));
    v128_t letter = wasm_v128_and(wasm_u8x16_ge(chunk, wasm_i8x16_splat('a')), wasm_u8x16_le(chunk, wasm_i8x16_splat('z')));
    if (!wasm_i8x16_all_true(letter)) return at + (size_t)__builtin_ctz(~(unsigned)wasm_i8x16_bitmask(letter));
  }
}

int main(void) {
  images();
  base64();
  matrices();
  conversions();
  sums();
  static char text[100] = "TheQuickBrownFoxJumpsOverTheLazyDogAndThenSleeps, of course";
  printf("%zu letters\n", letters(text));
  return 0;
}
