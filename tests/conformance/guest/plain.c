// args, environ, clock, proc, random and sched.
#include "wasi.h"

static void strings(u32 count, u32 size, const u32 *pointers, const char *buffer) {
  const char *next = buffer;
  for (u32 i = 0; i < count; i++) {
    printf("%u at %u: \"%s\"\n", i, (u32)(pointers[i] - (u32)buffer), next);
    next += strlen(next) + 1;
  }
  printf("used %u of %u\n", (u32)(next - buffer), size);
  printf("after: %08x %02x\n", pointers[count], (uint8_t)buffer[size]);
}

TEST(args_sizes_get) {
  u32 words[4];
  memset(words, 0xa5, sizeof words);
  T(args_sizes_get(&words[1], &words[2]));
  hex("words", words, sizeof words);
  // One place for both: the second is written last.
  T(args_sizes_get(&words[0], &words[0]));
  hex("words", words, 4);
}

TEST(args_get) {
  static u32 pointers[64];
  static char buffer[1024];
  memset(pointers, 0xa5, sizeof pointers);
  memset(buffer, 0xa5, sizeof buffer);
  u32 count, size;
  T(args_sizes_get(&count, &size));
  T(args_get(pointers, buffer));
  strings(count, size, pointers, buffer);
}

TEST(environ_sizes_get) {
  u32 words[4];
  memset(words, 0xa5, sizeof words);
  T(environ_sizes_get(&words[1], &words[2]));
  hex("words", words, sizeof words);
  T(environ_sizes_get(&words[0], &words[0]));
  hex("words", words, 4);
}

TEST(environ_get) {
  static u32 pointers[64];
  static char buffer[1024];
  memset(pointers, 0xa5, sizeof pointers);
  memset(buffer, 0xa5, sizeof buffer);
  u32 count, size;
  T(environ_sizes_get(&count, &size));
  T(environ_get(pointers, buffer));
  strings(count, size, pointers, buffer);
}

TEST(clock_res_get) {
  for (u32 id = 0; id < 4; id++) {
    u64 words[3];
    memset(words, 0xa5, sizeof words);
    printf("clock %u ", id);
    int errno_ = T(clock_res_get(id, &words[1]));
    if (errno_ == 0) {
      printf("plausible: %d\n", words[1] > 0 && words[1] <= 1000000000);
    } else {
      hex("untouched", &words[1], 8);
    }
    hex("around", &words[0], 8);
    hex("around", &words[2], 8);
  }
}

TEST(clock_time_get) {
  for (u32 id = 0; id < 4; id++) {
    u64 words[3], later;
    memset(words, 0xa5, sizeof words);
    printf("clock %u ", id);
    int errno_ = T(clock_time_get(id, 0, &words[1]));
    if (errno_ == 0) {
      T(clock_time_get(id, UINT64_MAX, &later));
      printf("advances: %d\n", later >= words[1]);
      if (id == 0) printf("after 2020: %d\n", words[1] > 1577836800000000000);
    } else {
      hex("untouched", &words[1], 8);
    }
    hex("around", &words[0], 8);
    hex("around", &words[2], 8);
  }
}

TEST(proc_exit) {
  printf("before\n");
  fflush(stdout);
  p1_proc_exit(125);
}

TEST(proc_raise) {
  for (u32 signal = 0; signal < 31; signal++) {
    printf("%u ", signal);
    T(proc_raise(signal));
  }
}

TEST(sched_yield) {
  for (u32 i = 0; i < 3; i++) T(sched_yield());
}

TEST(random_get) {
  static uint8_t bytes[3][100000];
  T(random_get(bytes[0], 0));
  hex("untouched", bytes[0], 16);
  T(random_get(bytes[0] + 4, 8));
  hex("before", bytes[0], 4);
  hex("after", bytes[0] + 12, 4);
  printf("filled: %d\n", memcmp(bytes[0] + 4, bytes[1], 8) != 0);
  T(random_get(bytes[0], sizeof bytes[0]));
  T(random_get(bytes[1], sizeof bytes[1]));
  printf("differ: %d\n", memcmp(bytes[0], bytes[1], sizeof bytes[0]) != 0);
  u32 counts[256] = {0};
  for (u32 i = 0; i < sizeof bytes[0]; i++) counts[bytes[0][i]]++;
  u32 plausible = 0;
  // 390 are expected of each, with a deviation of 20.
  for (u32 i = 0; i < 256; i++) plausible += counts[i] > 200 && counts[i] < 600;
  printf("even: %d\n", plausible == 256);
}
