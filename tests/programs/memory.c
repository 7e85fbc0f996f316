// Growing memory to more than a hundred megabytes, and block operations of many sizes, alignments and overlaps.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t checksum(const void *data, size_t length) {
    const uint8_t *bytes = data;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static uint8_t area[70000];
static void (*volatile escape)(void *);
static void keep(void *p) { (void)p; }

int main(void) {
    escape = keep;
    size_t large = 100u << 20;
    uint8_t *block = malloc(large);
    if (!block) {
        puts("no memory");
        return 1;
    }
    uint32_t state = 1;
    for (size_t i = 0; i < large; i += 4093)
        block[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
    uint64_t sum = 0;
    for (size_t i = 0; i < large; i += 4093)
        sum = sum * 31 + block[i];
    printf("%llu\n", (unsigned long long)sum);
    uint8_t *bigger = realloc(block, large + (20u << 20));
    uint32_t second = (1664525u + 1013904223) * 1664525 + 1013904223;
    printf("%d %d\n", bigger != 0, bigger && bigger[4093] == second >> 24);
    free(bigger);
    void *impossible = malloc(0xfff00000u);
    escape(impossible);
    printf("4 GiB: %s\n", impossible ? "given" : "refused");
    uint8_t *zero = calloc(1 << 20, 1);
    escape(zero);
    printf("calloc %016llx\n", (unsigned long long)checksum(zero, 1 << 20));

    for (size_t i = 0; i < sizeof area; i++)
        area[i] = (uint8_t)(i * 131 + (i >> 8));
    static const size_t sizes[] = {0,  1,  2,  3,  4,   5,   7,   8,   9,   12,   15,   16,   17,   24,   31,   32,    33,
                                   48, 63, 64, 65, 127, 128, 129, 255, 256, 511, 1000, 1024, 4095, 4096, 4097, 16384, 30000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i];
        for (size_t shift = 0; shift < 20; shift += 1 + shift / 5) {
            memmove(area + 100 + shift, area + 100, size);
            memmove(area + 100, area + 107 + shift, size);
            memcpy(area + 35000 + shift, area + 3 + shift, size);
            memset(area + 66000 + shift, (int)(size + shift), size % 3000);
        }
        printf("%zu %016llx\n", size, (unsigned long long)checksum(area, sizeof area));
    }

    // Many small blocks, freed in another order.
    enum { blocks = 4000 };
    static char *list[blocks];
    for (int i = 0; i < blocks; i++) {
        size_t size = (size_t)(i * 37 % 500 + 1);
        list[i] = malloc(size);
        memset(list[i], i, size);
    }
    uint64_t total = 0;
    for (int i = 0; i < blocks; i++) {
        int at = i * 1597 % blocks;
        size_t size = (size_t)(at * 37 % 500 + 1);
        total += checksum(list[at], size) >> 32;
        free(list[at]);
    }
    printf("%llu\n", (unsigned long long)total);
    return 0;
}
