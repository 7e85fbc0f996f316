// Clocks, sleeping and random bytes, none of whose values can be recorded: it prints whether they make sense.
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(clockid_t clock) {
    struct timespec t;
    return clock_gettime(clock, &t) ? -1 : t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
    long long before = nanoseconds(CLOCK_MONOTONIC), earlier = before;
    int monotonic = 1;
    for (int i = 0; i < 1000; i++) {
        long long now = nanoseconds(CLOCK_MONOTONIC);
        monotonic &= now >= earlier;
        earlier = now;
    }
    struct timespec wait = {0, 20000000}, resolution;
    int slept = nanosleep(&wait, 0);
    long long passed = nanoseconds(CLOCK_MONOTONIC) - before;
    printf("monotonic %d, slept %d, long enough %d\n", monotonic, slept == 0, passed >= 20000000);
    printf("after 2020 %d\n", nanoseconds(CLOCK_REALTIME) / 1000000000 > 1577836800);
    printf("resolution %d\n", clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_sec == 0 && resolution.tv_nsec > 0);
    unsigned char a[64] = {0}, b[64] = {0};
    printf("random %d %d %d\n", getentropy(a, sizeof a) == 0, getentropy(b, sizeof b) == 0, memcmp(a, b, sizeof a) != 0);
    return 0;
}
