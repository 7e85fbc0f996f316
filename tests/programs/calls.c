// Indirect calls of several signatures, variadic functions, and recursion as deep as a hundred thousand frames.
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

typedef int64_t (*binary)(int64_t, int64_t);
typedef double (*real)(double);

#define BINARY(name, expression)                                                                                                             \
    static int64_t name(int64_t a, int64_t b) { return expression; }
BINARY(add, a + b)
BINARY(subtract, a - b)
BINARY(multiply, a *b)
BINARY(smaller, a < b ? a : b)
BINARY(larger, a > b ? a : b)
BINARY(mix, (a ^ b << 7) + 3)
static double twice(double x) { return x * 2; }
static double shifted(double x) { return x + 0.125; }
static double inverse(double x) { return 1 / x; }

// Volatile, so that the compiler cannot resolve the calls.
static const binary volatile binaries[] = {add, subtract, multiply, smaller, larger, mix};
static const real volatile reals[] = {twice, shifted, inverse};

static int64_t sum(int count, ...) {
    va_list list;
    va_start(list, count);
    int64_t total = 0;
    for (int i = 0; i < count; i++)
        total += i % 2 ? va_arg(list, int) : va_arg(list, int64_t);
    va_end(list);
    return total;
}

static __attribute__((noinline)) uint32_t ackermann(uint32_t m, uint32_t n) {
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

// The addition after the call keeps it from being a loop.
static __attribute__((noinline)) uint64_t deep(uint32_t n) { return n == 0 ? 0 : 1 + deep(n - 1) * 3 % 1000003; }

static int even(uint32_t n);
static __attribute__((noinline)) int odd(uint32_t n) { return n ? 1 ^ odd(n - 1) ^ even(n / 1000) : 0; }
static __attribute__((noinline)) int even(uint32_t n) { return n ? 1 ^ even(n - 1) : 1; }

// More parameters than there are registers, of every type.
static __attribute__((noinline)) double many(int a, double b, int64_t c, float d, int e, double f, int64_t g, float h, int i, double j,
                                             int64_t k, float l, int m, double n, int64_t o, float p, double q, double r, double s, double t) {
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + k * 11 + l * 12 + m * 13 + n * 14 + o * 15 + p * 16 +
           q * 17 + r * 18 + s * 19 + t * 20;
}

int main(void) {
    int64_t value = 1;
    double x = 1;
    for (int i = 0; i < 100000; i++) {
        value = binaries[(i * 7 + (value & 3)) % 6](value, i) & 0xffffffffffff;
        x = reals[(i + (value & 1)) % 3](x);
        if (x > 1e6 || x < 1e-6)
            x = 1;
    }
    printf("%lld %.17g\n", (long long)value, x);
    printf("%lld\n", (long long)sum(6, (int64_t)1 << 40, 2, (int64_t)-3, 4, (int64_t)5, -6));
    printf("%u %u\n", ackermann(2, 300), ackermann(3, 7));
    printf("%llu\n", (unsigned long long)deep(100000));
    printf("%d %d\n", odd(12345), even(54321));
    printf("%.17g\n", many(1, 2.5, 3, 4.25f, 5, 6.5, 7, 8.75f, 9, 10.5, 11, 12.125f, 13, 14.5, 15, 16.5f, 17.5, 18.25, 19.75, 20.5));
    return 0;
}
