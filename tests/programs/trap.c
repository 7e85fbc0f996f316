// Prints, then reads far outside of its memory, after a few nested calls for the backtrace.
#include <stdint.h>
#include <stdio.h>

static __attribute__((noinline)) int read_far(volatile int *p) { return *p; }

static __attribute__((noinline)) int through(uintptr_t address) { return read_far((volatile int *)address) + 1; }

int main(void) {
    puts("before the trap");
    fflush(stdout);
    printf("%d\n", through(0xfffffff0u));
    return 0;
}
