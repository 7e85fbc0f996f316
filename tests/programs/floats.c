// Checksums of floating-point operations, conversions and comparisons; the bits of a NaN are not looked at.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t state = 88172645463325252u;
static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static const double corners[] = {0.0,        -0.0,         0.5,        -0.5,        1.0,       -1.0,      1.5,        2.5,           -2.5,
                                 0.1,        1e-310,       5e-324,     1e300,       -1e300,    INFINITY,  -INFINITY,  NAN,           127.5,
                                 255.5,      2147483647.0, 2147483648., -2147483648, -2147483649., 4294967295.0, 4294967296.0, 4503599627370496.5,
                                 9007199254740993., 9223372036854775807.0, -9223372036854775808.0, 18446744073709551615.0, 3.4028235e38, 1e-45, 16777217.0};
enum { corner_count = sizeof corners / sizeof *corners, pairs = corner_count * corner_count + 20000 };

static double operand(uint64_t bits, int i) {
    double x;
    if (i & 1) {
        // A moderate exponent, so that sums and conversions are not all trivial.
        bits = (bits & 0x800fffffffffffff) | (uint64_t)(1023 - 40 + (bits >> 52) % 100) << 52;
    }
    memcpy(&x, &bits, 8);
    return x;
}

static void operands(int i, double *a, double *b) {
    if (i < corner_count * corner_count) {
        *a = corners[i / corner_count];
        *b = corners[i % corner_count];
    } else {
        *a = operand(next(), i);
        *b = operand(next(), i);
    }
}

static uint64_t bits64(double x) {
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return x != x ? 0x7ff8000000000000 : bits;
}

static uint64_t bits32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return x != x ? 0x7fc00000 : bits;
}

#define OPERATION(name, type, to_bits, expression)                                                                                           \
    {                                                                                                                                        \
        uint64_t hash = 14695981039346656037u;                                                                                               \
        state = 88172645463325252u;                                                                                                          \
        for (int i = 0; i < pairs; i++) {                                                                                                    \
            double x, y;                                                                                                                     \
            operands(i, &x, &y);                                                                                                             \
            volatile type va = (type)x, vb = (type)y;                                                                                        \
            type a = va, b = vb;                                                                                                             \
            (void)b;                                                                                                                         \
            hash = (hash ^ (uint64_t)to_bits(expression)) * 1099511628211u;                                                                  \
        }                                                                                                                                    \
        printf("%-12s %-6s %016llx\n", name, #type, (unsigned long long)hash);                                                               \
    }

#define ALL(type, to_bits, suffix)                                                                                                           \
    OPERATION("add", type, to_bits, a + b)                                                                                                   \
    OPERATION("subtract", type, to_bits, a - b)                                                                                              \
    OPERATION("multiply", type, to_bits, a *b)                                                                                               \
    OPERATION("divide", type, to_bits, a / b)                                                                                                \
    OPERATION("sqrt", type, to_bits, (type)__builtin_sqrt##suffix(a))                                                                        \
    OPERATION("floor", type, to_bits, __builtin_floor##suffix(a))                                                                            \
    OPERATION("ceil", type, to_bits, __builtin_ceil##suffix(a))                                                                              \
    OPERATION("trunc", type, to_bits, __builtin_trunc##suffix(a))                                                                            \
    OPERATION("nearest", type, to_bits, __builtin_rint##suffix(a))                                                                           \
    OPERATION("abs", type, to_bits, __builtin_fabs##suffix(a))                                                                               \
    OPERATION("copysign", type, to_bits, __builtin_copysign##suffix(a, b))                                                                   \
    OPERATION("minimum", type, to_bits, __builtin_fmin##suffix(a, b))                                                                        \
    OPERATION("maximum", type, to_bits, __builtin_fmax##suffix(a, b))                                                                        \
    OPERATION("compare", type, , (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a > b) + 16 * (a >= b) + 32 * (a != b))                        \
    OPERATION("to i32", type, , a > -2147483649.0 && a < 2147483648.0 ? (int32_t)a : 77)                                                     \
    OPERATION("to u32", type, , a > -1 && a < 4294967296.0 ? (uint32_t)a : 77)                                                               \
    OPERATION("to i64", type, , a >= -9223372036854775808.0 && a < 9223372036854775808.0 ? (int64_t)a : 77)                                  \
    OPERATION("to u64", type, , a > -1 && a < 18446744073709551616.0 ? (uint64_t)a : 77)                                                     \
    OPERATION("from i32", type, to_bits, (type)(int32_t)(uint32_t)bits64(a))                                                                 \
    OPERATION("from u32", type, to_bits, (type)(uint32_t)bits64(a))                                                                          \
    OPERATION("from i64", type, to_bits, (type)(int64_t)bits64(a))                                                                           \
    OPERATION("from u64", type, to_bits, (type)bits64(a))                                                                                    \
    OPERATION("to float", type, bits32, (float)a)                                                                                            \
    OPERATION("to double", type, bits64, (double)a)                                                                                          \
    OPERATION("bits", type, , to_bits(a))

int main(void) {
    ALL(float, bits32, f)
    ALL(double, bits64, )
    return 0;
}
