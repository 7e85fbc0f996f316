// Sorting, hashing, big integers and the printing of floating-point numbers.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state = 12345;
static uint32_t next(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void sha256_block(uint32_t hash[8], const uint8_t *block) {
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(v, hash, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constants[i] + w[i];
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        hash[i] += v[i];
}

static void sha256(const uint8_t *data, size_t length) {
    uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    size_t whole = length / 64 * 64;
    for (size_t i = 0; i < whole; i += 64)
        sha256_block(hash, data + i);
    uint8_t tail[128] = {0};
    size_t rest = length - whole, size = rest < 56 ? 64 : 128;
    memcpy(tail, data + whole, rest);
    tail[rest] = 0x80;
    for (int i = 0; i < 8; i++)
        tail[size - 1 - i] = (uint8_t)((uint64_t)length * 8 >> 8 * i);
    for (size_t i = 0; i < size; i += 64)
        sha256_block(hash, tail + i);
    for (int i = 0; i < 8; i++)
        printf("%08x", hash[i]);
    printf("  %zu bytes\n", length);
}

static void factorial(int n) {
    static uint32_t digits[400];
    memset(digits, 0, sizeof digits);
    digits[0] = 1;
    for (int i = 2; i <= n; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 400; j++) {
            carry += (uint64_t)digits[j] * (uint32_t)i;
            digits[j] = (uint32_t)(carry % 1000000000);
            carry /= 1000000000;
        }
    }
    int top = 399;
    while (!digits[top])
        top--;
    printf("%d! = %u", n, digits[top]);
    while (top--)
        printf("%09u", digits[top]);
    putchar('\n');
}

int main(void) {
    enum { count = 50000 };
    uint32_t *values = malloc(count * sizeof *values);
    for (int i = 0; i < count; i++)
        values[i] = next();
    sha256((uint8_t *)values, count * sizeof *values);
    qsort(values, count, sizeof *values, ascending);
    int sorted = 1;
    for (int i = 1; i < count; i++)
        sorted &= values[i - 1] <= values[i];
    printf("sorted %d, least %u, median %u, greatest %u\n", sorted, values[0], values[count / 2], values[count - 1]);
    sha256((uint8_t *)values, count * sizeof *values);
    for (size_t length = 0; length < 130; length += 13)
        sha256((uint8_t *)"the quick brown fox jumps over the lazy dog; the quick brown fox jumps over the lazy dog; "
                          "the quick brown fox jumps over the lazy dog",
               length);
    factorial(30);
    factorial(200);

    static const double samples[] = {0.0,   -0.0,   1.0,     0.1,      1.0 / 3,   2.5,       3.141592653589793, 1e-5,
                                     1e-4,  123456, 1234567, 1e15,     1e16,      1e100,     5e-324,            2.2250738585072014e-308,
                                     -17.5, 0.5,    1.5,     99999.95, 999999.95, 1e21 - 1., 4503599627370497.5, 1.7976931348623157e308};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        double x = samples[i];
        printf("%g %e %.3f %.17g %a %10.2f|%-12.4e|%+G\n", x, x, x < 1e30 ? x : 0, x, x, x < 1e30 ? x : 0, x, x);
    }
    printf("%f %f %f\n", INFINITY, -INFINITY, NAN);
    static const char *texts[] = {"0.1", "1e400", "-1e-400", "0x1.8p3", "12345678901234567890", "1.7976931348623159e308", "  7.25xyz"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        double x = strtod(texts[i], &end);
        printf("strtod(\"%s\") = %.17g, rest \"%s\"\n", texts[i], x, end);
    }
    for (double x = -3; x <= 3; x += 0.75)
        printf("%.12g: sin %.12g cos %.12g exp %.12g log1p %.12g atan %.12g cbrt %.12g floor %g round %g\n", x, sin(x), cos(x), exp(x),
               log1p(fabs(x)), atan(x), cbrt(x), floor(x), round(x));
    printf("pow %.15g fmod %.15g hypot %.15g\n", pow(1.0001, 10000), fmod(-17.25, 5), hypot(3e200, 4e200));
    printf("%lld %llu %x %o %5d|%-5d|%05d %c %s %.3s %%\n", -9223372036854775807LL - 1, 18446744073709551615ULL, 0xdeadbeef, 0755, 42, 42,
           -42, 'c', "string", "truncated");
    return 0;
}
