// fd_advise, fd_allocate, fd_close, fd_datasync, fd_prestat_*, fd_renumber, fd_sync.
#include "wasi.h"

#define EACH_KIND(kinds, i) \
  struct kind kinds[KINDS]; \
  make_kinds(kinds); \
  for (u32 i = 0; i < KINDS; i++)

static void size_of(u32 fd) {
  uint8_t stat[64];
  if (p1_fd_filestat_get(fd, stat) == 0) printf("size %llu\n", *(u64 *)(stat + 32));
}

TEST(fd_advise) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_advise(kinds[i].fd, 0, 10, 0));
  }
  u32 fd = kinds[8].fd;
  for (u32 advice = 0; advice < 6; advice++) {
    printf("%u ", advice);
    T(fd_advise(fd, 2, 5, advice));
  }
  T(fd_advise(fd, 0, 0, 3));
  T(fd_advise(fd, 1000000, 5, 3));
  T(fd_advise(fd, UINT64_MAX, 1, 1));
  T(fd_advise(fd, 1, UINT64_MAX, 1));
  T(fd_advise(fd, INT64_MAX, INT64_MAX, 1));
  size_of(fd);
}

TEST(fd_allocate) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_allocate(kinds[i].fd, 0, 20));
  }
  u32 fd = kinds[8].fd;
  T(fd_allocate(fd, 0, 0));
  T(fd_allocate(fd, 5, 3));
  T(fd_allocate(fd, 100, 28));
  T(fd_allocate(fd, UINT64_MAX, 1));
  T(fd_allocate(fd, 0, UINT64_MAX));
  T(fd_allocate(fd, INT64_MAX, 2));
  size_of(fd);
}

TEST(fd_close) {
  EACH_KIND(kinds, i) {
    if (kinds[i].fd == 1) continue;
    int errno_ = p1_fd_close(kinds[i].fd);
    printf("%s ", kinds[i].name);
    show("close", errno_);
    errno_ = p1_fd_close(kinds[i].fd);
    printf("%s ", kinds[i].name);
    show("again", errno_);
  }
  // The numbers that are given out next: the granted directory is closed as well.
  make_file(OTHER, "x", "x");
  for (u32 i = 0; i < 12; i++) printf("%u\n", must_open(OTHER, "x", 0, READ, 0));
  // What was opened through a directory outlives it.
  u32 file = must_open(OTHER, "x", 0, READ, 0);
  T(fd_close(OTHER));
  char byte = 0;
  struct vec iov = {&byte, 1};
  u32 read = 77;
  T(fd_read(file, &iov, 1, &read));
  printf("%u %c\n", read, byte);
  // Reading standard input is over.
  T(fd_read(0, &iov, 1, &read));
  int errno_ = p1_fd_close(1);
  int then = p1_fd_write(1, &iov, 1, &read);
  if (errno_ || then != 8) p1_proc_exit(3);
  p1_proc_exit(4);
}

TEST(fd_datasync) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_datasync(kinds[i].fd));
  }
}

TEST(fd_sync) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_sync(kinds[i].fd));
  }
}

TEST(fd_prestat_get) {
  EACH_KIND(kinds, i) {
    u32 words[4];
    memset(words, 0xa5, sizeof words);
    printf("%s ", kinds[i].name);
    T(fd_prestat_get(kinds[i].fd, &words[1]));
    hex("words", words, sizeof words);
  }
  u32 words[2];
  T(fd_prestat_get(OTHER, words));
  printf("%u %u\n", *(uint8_t *)words, words[1]);
  T(fd_prestat_get(5, words));
  T(fd_renumber(OTHER, ROOT));
  T(fd_prestat_get(ROOT, words));
  printf("%u %u\n", *(uint8_t *)words, words[1]);
  T(fd_prestat_get(OTHER, words));
}

TEST(fd_prestat_dir_name) {
  char name[16];
  EACH_KIND(kinds, i) {
    memset(name, 0xa5, sizeof name);
    printf("%s ", kinds[i].name);
    T(fd_prestat_dir_name(kinds[i].fd, name, sizeof name));
    hex("name", name, sizeof name);
  }
  for (u32 len = 0; len < 9; len++) {
    memset(name, 0xa5, sizeof name);
    printf("%u ", len);
    T(fd_prestat_dir_name(OTHER, name, len));
    hex("name", name, sizeof name);
  }
  T(fd_prestat_dir_name(ROOT, name, 0));
}

TEST(fd_renumber) {
  EACH_KIND(kinds, i) {
    if (kinds[i].fd == 1) continue;
    printf("%s ", kinds[i].name);
    T(fd_renumber(kinds[i].fd, kinds[i].fd));
    printf("%s ", kinds[i].name);
    T(fd_renumber(kinds[i].fd, 50));
    printf("%s ", kinds[i].name);
    T(fd_renumber(50, kinds[i].fd));
  }
  u32 a = kinds[6].fd, b = kinds[8].fd;
  char byte = 0;
  struct vec iov = {&byte, 1};
  u32 read = 0;
  u64 position;
  T(fd_seek(a, 3, 0, &position));
  T(fd_seek(b, 7, 0, &position));
  T(fd_renumber(a, b));
  T(fd_read(a, &iov, 1, &read));
  T(fd_read(b, &iov, 1, &read));
  printf("%c\n", byte);
  T(fd_tell(b, &position));
  printf("%llu\n", position);
  // The freed number is the next one.
  printf("%d\n", must_open(ROOT, "kinds/file", 0, READ, 0) == a);
  // A file in the place of standard input, and standard error elsewhere.
  T(fd_renumber(b, 0));
  T(fd_read(0, &iov, 1, &read));
  printf("%c\n", byte);
  T(fd_tell(0, &position));
  T(fd_renumber(2, a));
  iov.buf = "to standard error\n";
  iov.len = 18;
  T(fd_write(a, &iov, 1, &read));
  T(fd_write(2, &iov, 1, &read));
  T(fd_tell(a, &position));
  // A granted directory keeps being one.
  T(fd_renumber(ROOT, a));
  u32 words[2];
  T(fd_prestat_get(a, words));
  T(fd_prestat_get(ROOT, words));
  make_file(a, "through-renumbered", "x");
}
