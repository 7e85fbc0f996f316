// Checksums of integer operations over corner cases and pseudo-random operands.
#include <stdint.h>
#include <stdio.h>

static uint64_t state = 88172645463325252u;
static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static const uint64_t corners[] = {0,
                                   1,
                                   2,
                                   3,
                                   7,
                                   10,
                                   31,
                                   32,
                                   63,
                                   64,
                                   0x7f,
                                   0x80,
                                   0xff,
                                   0x7fff,
                                   0x8000,
                                   0xffff,
                                   0x7fffffff,
                                   0x80000000,
                                   0xffffffff,
                                   0x100000000,
                                   0x7fffffffffffffff,
                                   0x8000000000000000,
                                   0xfffffffffffffffe,
                                   0xffffffffffffffff,
                                   0x123456789abcdef0};
enum { corner_count = sizeof corners / sizeof *corners, pairs = corner_count * corner_count + 20000 };

static void operands(int i, uint64_t *a, uint64_t *b) {
    if (i < corner_count * corner_count) {
        *a = corners[i / corner_count];
        *b = corners[i % corner_count];
    } else {
        *a = next() >> (i & 31);
        *b = next() >> (i * 7 & 63);
    }
}

#define OPERATION(name, type, guard, expression)                                                                                             \
    {                                                                                                                                        \
        uint64_t hash = 14695981039346656037u;                                                                                               \
        state = 88172645463325252u;                                                                                                          \
        for (int i = 0; i < pairs; i++) {                                                                                                    \
            uint64_t x, y;                                                                                                                   \
            operands(i, &x, &y);                                                                                                             \
            volatile type va = (type)x, vb = (type)y;                                                                                        \
            type a = va, b = vb;                                                                                                             \
            (void)b;                                                                                                                         \
            if (guard)                                                                                                                       \
                hash = (hash ^ (uint64_t)(expression)) * 1099511628211u;                                                                     \
        }                                                                                                                                    \
        printf("%-12s %-9s %016llx\n", name, #type, (unsigned long long)hash);                                                               \
    }

#define UNSIGNED(type, bits)                                                                                                                 \
    OPERATION("add", type, 1, (type)(a + b))                                                                                                 \
    OPERATION("subtract", type, 1, (type)(a - b))                                                                                            \
    OPERATION("multiply", type, 1, (type)(a * b))                                                                                            \
    OPERATION("divide", type, b != 0, (type)(a / b))                                                                                         \
    OPERATION("remainder", type, b != 0, (type)(a % b))                                                                                      \
    OPERATION("by seven", type, 1, (type)(a / 7 + a % 7))                                                                                    \
    OPERATION("by eight", type, 1, (type)(a / 8 + a % 8))                                                                                    \
    OPERATION("left", type, 1, (type)(a << (b & (bits - 1))))                                                                                \
    OPERATION("right", type, 1, (type)(a >> (b & (bits - 1))))                                                                               \
    OPERATION("rotate", type, 1, (type)((type)(a << (b & (bits - 1))) | (type)(a >> (-b & (bits - 1)))))                                     \
    OPERATION("logic", type, 1, (type)((a & b) ^ (a | ~b)))                                                                                  \
    OPERATION("compare", type, 1, (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a > b) + 16 * (a >= b))                                       \
    OPERATION("select", type, 1, a < b ? a : b)

#define SIGNED(type, least)                                                                                                                  \
    OPERATION("divide", type, b != 0 && !(a == least && b == -1), (type)(a / b))                                                             \
    OPERATION("remainder", type, b != 0 && !(a == least && b == -1), (type)(a % b))                                                          \
    OPERATION("by seven", type, 1, (type)(a / 7 + a % 7))                                                                                    \
    OPERATION("by -3", type, 1, (type)(a / -3 + a % -3))                                                                                     \
    OPERATION("by 1024", type, 1, (type)(a / 1024 + a % 1024))                                                                               \
    OPERATION("right", type, 1, (type)(a >> (b & 7)))                                                                                        \
    OPERATION("compare", type, 1, (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a > b) + 16 * (a >= b))                                       \
    OPERATION("to wide", type, 1, (int64_t)a - (int64_t)b)

int main(void) {
    UNSIGNED(uint8_t, 8)
    UNSIGNED(uint16_t, 16)
    UNSIGNED(uint32_t, 32)
    UNSIGNED(uint64_t, 64)
    SIGNED(int8_t, INT8_MIN)
    SIGNED(int16_t, INT16_MIN)
    SIGNED(int32_t, INT32_MIN)
    SIGNED(int64_t, INT64_MIN)
    OPERATION("clz", uint32_t, a != 0, __builtin_clz(a))
    OPERATION("ctz", uint32_t, a != 0, __builtin_ctz(a))
    OPERATION("popcount", uint32_t, 1, __builtin_popcount(a))
    OPERATION("bswap", uint32_t, 1, __builtin_bswap32(a))
    OPERATION("clz", uint64_t, a != 0, __builtin_clzll(a))
    OPERATION("ctz", uint64_t, a != 0, __builtin_ctzll(a))
    OPERATION("popcount", uint64_t, 1, __builtin_popcountll(a))
    OPERATION("bswap", uint64_t, 1, __builtin_bswap64(a))
    OPERATION("high", uint64_t, 1, (uint64_t)((unsigned __int128)a * b >> 64))
    OPERATION("wide div", uint64_t, b != 0, (uint64_t)((((unsigned __int128)a << 64) | b) / ((unsigned __int128)b + ((unsigned __int128)a << 20))))
    return 0;
}
