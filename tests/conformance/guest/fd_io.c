// fd_pread, fd_pwrite, fd_read, fd_seek, fd_tell, fd_write.
#include "wasi.h"

#define EACH_KIND(kinds, i) \
  struct kind kinds[KINDS]; \
  make_kinds(kinds); \
  for (u32 i = 0; i < KINDS; i++)

static char buffer[64];
static u32 words[3];

static void clear(void) {
  memset(buffer, 0xa5, sizeof buffer);
  memset(words, 0xa5, sizeof words);
}

static void result(int errno_, u32 len) {
  hex("count", words, sizeof words);
  if (errno_ == 0) hex("buffer", buffer, len);
}

static void position(u32 fd) {
  u64 at = 0;
  if (p1_fd_tell(fd, &at) == 0) printf("position %llu\n", at);
}

TEST(fd_read) {
  struct vec iov = {buffer + 4, 6};
  EACH_KIND(kinds, i) {
    clear();
    printf("%s ", kinds[i].name);
    result(T(fd_read(kinds[i].fd, &iov, 1, &words[1])), 16);
    position(kinds[i].fd);
  }
  u32 fd = kinds[6].fd;
  clear();
  result(T(fd_read(fd, &iov, 1, &words[1])), 16);
  clear();
  result(T(fd_read(fd, &iov, 1, &words[1])), 16);
  position(fd);
  // No buffers, empty buffers, and one after an empty one.
  u64 at;
  T(fd_seek(fd, 0, 0, &at));
  clear();
  result(T(fd_read(fd, &iov, 0, &words[1])), 16);
  iov.len = 0;
  clear();
  result(T(fd_read(fd, &iov, 1, &words[1])), 16);
  struct vec three[3] = {{buffer, 0}, {buffer + 8, 4}, {buffer, 0}};
  clear();
  result(T(fd_read(fd, three, 3, &words[1])), 16);
  position(fd);
  // Beyond the end.
  T(fd_seek(fd, 100, 0, &at));
  iov.len = 6;
  clear();
  result(T(fd_read(fd, &iov, 1, &words[1])), 16);
  position(fd);
  // What is left of standard input, and its end.
  for (u32 i = 0; i < 3; i++) {
    iov.len = 32;
    clear();
    result(T(fd_read(0, &iov, 1, &words[1])), 40);
  }
  T(fd_read(99, &iov, 1, &words[1]));
  // Standard input without room.
  iov.len = 0;
  result(T(fd_read(0, &iov, 1, &words[1])), 8);
  result(T(fd_read(0, &iov, 0, &words[1])), 8);
}

TEST(fd_pread) {
  struct vec iov = {buffer + 4, 4};
  EACH_KIND(kinds, i) {
    clear();
    printf("%s ", kinds[i].name);
    result(T(fd_pread(kinds[i].fd, &iov, 1, 3, &words[1])), 16);
    position(kinds[i].fd);
  }
  u32 fd = kinds[8].fd;
  const u64 offsets[] = {0, 8, 10, 1000, INT64_MAX - 4, INT64_MAX, (u64)INT64_MAX + 1, UINT64_MAX};
  for (u32 i = 0; i < sizeof offsets / 8; i++) {
    clear();
    printf("%llx ", offsets[i]);
    result(T(fd_pread(fd, &iov, 1, offsets[i], &words[1])), 16);
  }
  clear();
  result(T(fd_pread(fd, &iov, 0, 1, &words[1])), 8);
  iov.len = 0;
  clear();
  result(T(fd_pread(fd, &iov, 1, 1, &words[1])), 8);
  struct vec two[2] = {{buffer, 0}, {buffer + 8, 4}};
  clear();
  result(T(fd_pread(fd, two, 2, 1, &words[1])), 16);
  position(fd);
}

TEST(fd_write) {
  struct vec iov = {"WXYZ", 4};
  EACH_KIND(kinds, i) {
    if (kinds[i].fd == 2) continue;
    clear();
    printf("%s ", kinds[i].name);
    result(T(fd_write(kinds[i].fd, &iov, 1, &words[1])), 0);
    position(kinds[i].fd);
  }
  u32 both = kinds[8].fd, append = kinds[9].fd;
  u64 at;
  T(fd_write(both, &iov, 1, &words[1]));
  position(both);
  // A gap is filled with zeros.
  T(fd_seek(both, 20, 0, &at));
  T(fd_write(both, &iov, 1, &words[1]));
  // Appending goes to the end wherever the position is.
  T(fd_seek(append, 2, 0, &at));
  T(fd_write(append, &iov, 1, &words[1]));
  position(append);
  iov.buf = buffer;
  iov.len = 3;
  clear();
  result(T(fd_read(append, &iov, 1, &words[1])), 4);
  iov.len = 0;
  result(T(fd_write(both, &iov, 1, &words[1])), 0);
  result(T(fd_write(both, &iov, 0, &words[1])), 0);
  result(T(fd_write(kinds[6].fd, &iov, 0, &words[1])), 0);
  struct vec two[2] = {{"", 0}, {"after an empty one", 18}};
  result(T(fd_write(both, two, 2, &words[1])), 0);
  result(T(fd_write(1, &iov, 0, &words[1])), 0);
  iov = (struct vec){"to standard error\n", 18};
  result(T(fd_write(2, &iov, 1, &words[1])), 0);
}

TEST(fd_pwrite) {
  struct vec iov = {"WXYZ", 4};
  EACH_KIND(kinds, i) {
    clear();
    printf("%s ", kinds[i].name);
    result(T(fd_pwrite(kinds[i].fd, &iov, 1, 3, &words[1])), 0);
    position(kinds[i].fd);
  }
  u32 fd = kinds[8].fd;
  const u64 offsets[] = {0, 9, 30, INT64_MAX - 2, INT64_MAX, (u64)INT64_MAX + 1, UINT64_MAX};
  for (u32 i = 0; i < sizeof offsets / 8; i++) {
    clear();
    printf("%llx ", offsets[i]);
    result(T(fd_pwrite(fd, &iov, 1, offsets[i], &words[1])), 0);
  }
  clear();
  result(T(fd_pwrite(fd, &iov, 0, 50, &words[1])), 0);
  iov.len = 0;
  clear();
  result(T(fd_pwrite(fd, &iov, 1, 50, &words[1])), 0);
  struct vec two[2] = {{"", 0}, {"after", 5}};
  clear();
  result(T(fd_pwrite(fd, two, 2, 40, &words[1])), 0);
  position(fd);
}

TEST(fd_seek) {
  u64 at[3];
  EACH_KIND(kinds, i) {
    memset(at, 0xa5, sizeof at);
    printf("%s ", kinds[i].name);
    T(fd_seek(kinds[i].fd, 4, 0, &at[1]));
    hex("at", at, sizeof at);
  }
  u32 fd = kinds[6].fd;
  const int64_t offsets[] = {0, 1, -1, 10, 11, -10, -11, 1000000, 1ll << 40, INT64_MIN};
  for (u32 whence = 0; whence < 3; whence++) {
    for (u32 i = 0; i < sizeof offsets / 8; i++) {
      at[1] = 0;
      T(fd_seek(fd, 5, 0, &at[0]));
      printf("%lld from %u ", offsets[i], whence);
      T(fd_seek(fd, offsets[i], whence, &at[1]));
      printf("%llu\n", at[1]);
      position(fd);
    }
  }
}

TEST(fd_tell) {
  u64 at[3];
  EACH_KIND(kinds, i) {
    memset(at, 0xa5, sizeof at);
    printf("%s ", kinds[i].name);
    T(fd_tell(kinds[i].fd, &at[1]));
    hex("at", at, sizeof at);
  }
  u32 fd = kinds[8].fd;
  struct vec iov = {buffer, 3};
  T(fd_read(fd, &iov, 1, &words[1]));
  T(fd_tell(fd, &at[1]));
  printf("%llu\n", at[1]);
  T(fd_write(fd, &iov, 1, &words[1]));
  T(fd_tell(fd, &at[1]));
  printf("%llu\n", at[1]);
  T(fd_pread(fd, &iov, 1, 9, &words[1]));
  T(fd_tell(fd, &at[1]));
  printf("%llu\n", at[1]);
  T(fd_filestat_set_size(fd, 2));
  T(fd_tell(fd, &at[1]));
  printf("%llu\n", at[1]);
  T(fd_seek(fd, 0, 2, &at[1]));
  T(fd_tell(fd, &at[1]));
  printf("%llu\n", at[1]);
}
