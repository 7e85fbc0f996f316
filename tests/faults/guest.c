// What a program does when the host fails it. The first argument names the case; results go to standard error.
#include "../conformance/guest/wasi.h"

static char block[4096];

static int write_(u32 fd, const void *bytes, u32 len, u32 *written) {
  struct vec iov = {(void *)bytes, len};
  return p1_fd_write(fd, &iov, 1, written);
}

static int open_(const char *path, u32 oflags, u64 rights, u32 *fd) {
  return p1_path_open(ROOT, 0, path, strlen(path), oflags, rights, 0, 0, fd);
}

// Writes different bytes until it fails; then what was said to be written has to be there, and nothing else.
static void fill(void) {
  u32 fd, errno_, written;
  u64 total = 0;
  if (open_("file", CREAT, READ | WRITE, &fd)) exit(1);
  for (;;) {
    for (u32 i = 0; i < sizeof block; i++) block[i] = (total + i) % 251;
    errno_ = write_(fd, block, sizeof block, &written);
    if (errno_) break;
    total += written;
  }
  u64 stat[8], at;
  p1_fd_filestat_get(fd, stat);
  p1_fd_seek(fd, 0, 0, &at);
  u64 same = 0;
  for (;;) {
    struct vec iov = {block, sizeof block};
    u32 read;
    if (p1_fd_read(fd, &iov, 1, &read) || read == 0) break;
    for (u32 i = 0; i < read; i++) same += block[i] == (char)((same) % 251);
  }
  fprintf(stderr, "errno %u, written %d, size %d, read back %d\n", errno_, total > 0, stat[4] == total, same == total);
  // Other things that need room, and what gives some back.
  fprintf(stderr, "allocate %d\n", p1_fd_allocate(fd, 0, 1 << 20));
  u32 other;
  int made = open_("other", CREAT, WRITE, &other);
  int more = made ? 0 : write_(other, block, sizeof block, &written);
  fprintf(stderr, "another file %d\n", more);
  fprintf(stderr, "truncate %d\n", p1_fd_filestat_set_size(fd, 0));
  fprintf(stderr, "then %d\n", write_(fd, block, sizeof block, &written));
  fprintf(stderr, "sync %d\n", p1_fd_sync(fd));
}

static void stdout_(void) {
  u32 written, errno_ = 0, total = 0;
  for (u32 i = 0; i < 64 && errno_ == 0; i++) {
    errno_ = write_(1, block, sizeof block, &written);
    if (errno_ == 0) total += written;
  }
  fprintf(stderr, "errno %u after %u\n", errno_, total);
}

static void descriptors(void) {
  u32 fd, count = 0, last = 0, errno_;
  while ((errno_ = open_("dir/file", 0, READ, &fd)) == 0) {
    last = fd;
    count++;
  }
  fprintf(stderr, "errno %u after %u\n", errno_, count);
  fprintf(stderr, "stat %d\n", p1_path_filestat_get(ROOT, 0, "file", 4, block));
  fprintf(stderr, "close %d\n", p1_fd_close(last));
  fprintf(stderr, "open %d\n", open_("file", 0, READ, &fd));
}

static void removed(void) {
  u32 dir, fd, used;
  u64 stat[8];
  struct vec iov = {"still", 5};
  if (open_("dir", DIRECTORY, READ, &dir) || open_("dir/file", 0, READ | WRITE, &fd)) exit(1);
  // The harness removes both when it has read this line, and answers.
  printf("open\n");
  fflush(stdout);
  getchar();
  fprintf(stderr, "list %d", p1_fd_readdir(dir, block, 128, 0, &used));
  fprintf(stderr, " %u\n", used);
  fprintf(stderr, "create %d\n", p1_path_create_directory(dir, "x", 1));
  fprintf(stderr, "open %d\n", p1_path_open(dir, 0, "file", 4, 0, READ, 0, 0, &used));
  fprintf(stderr, "open . %d\n", p1_path_open(dir, 0, ".", 1, 0, READ, 0, 0, &used));
  fprintf(stderr, "stat %d\n", p1_fd_filestat_get(dir, stat));
  fprintf(stderr, "write %d\n", p1_fd_write(fd, &iov, 1, &used));
  fprintf(stderr, "file %d", p1_fd_filestat_get(fd, stat));
  fprintf(stderr, " links %llu size %llu\n", stat[3], stat[4]);
}

// All that is read is counted; the sleep has to last.
static void interrupted(void) {
  printf("started\n");
  fflush(stdout);
  u64 before, after, sum = 0, total = 0;
  u32 read, written, count;
  p1_clock_time_get(1, 0, &before);
  u64 subscription[6] = {0, 0, 1, 300000000, 0, 0}, events[4];
  int slept = p1_poll_oneoff(subscription, events, 1, &count);
  p1_clock_time_get(1, 0, &after);
  fprintf(stderr, "slept %d, %d\n", slept, after - before >= 300000000);
  for (;;) {
    struct vec iov = {block, sizeof block};
    int errno_ = p1_fd_read(0, &iov, 1, &read);
    if (errno_) fprintf(stderr, "read %d\n", errno_);
    if (errno_ || read == 0) break;
    for (u32 i = 0; i < read; i++) sum += (uint8_t)block[i];
    for (u32 at = 0; at < read; at += written) {
      errno_ = write_(1, block + at, read - at, &written);
      if (errno_) {
        fprintf(stderr, "write %d\n", errno_);
        return;
      }
    }
    total += read;
  }
  fprintf(stderr, "read %llu, sum %llu\n", total, sum);
}

// Which standard streams are there, and that no file takes their place. Told by the exit status.
static void streams(void) {
  u32 fd, written, read, status = 0;
  struct vec iov = {block, 1};
  if (open_("opened", CREAT, READ | WRITE, &fd) || fd != 4) p1_proc_exit(125);
  if (p1_fd_read(0, &iov, 1, &read) == 8) status |= 1;
  if (write_(1, "out", 3, &written) == 8) status |= 2;
  if (write_(2, "err", 3, &written) == 8) status |= 4;
  u64 stat[8];
  if (p1_fd_filestat_get(fd, stat) || stat[4] != 0) status |= 8;
  u64 fdstat[3];
  for (u32 i = 0; i < 3; i++) p1_fd_fdstat_get(i, fdstat);
  u64 subscription[6] = {0, 2, 1, 0, 0, 0}, events[4];
  u32 count;
  p1_poll_oneoff(subscription, events, 1, &count);
  p1_proc_exit(status);
}

// What kind each of the standard streams is.
static void kinds(void) {
  for (u32 i = 0; i < 3; i++) {
    uint8_t fdstat[24];
    u64 stat[8];
    int errno_ = p1_fd_fdstat_get(i, fdstat);
    fprintf(stderr, "%u: %d type %u flags %u", i, errno_, fdstat[0], fdstat[2]);
    errno_ = p1_fd_filestat_get(i, stat);
    u64 at;
    fprintf(stderr, ", %d type %u, seek %d\n", errno_, (uint8_t)stat[2], p1_fd_seek(i, 0, 1, &at));
  }
  u32 read, written;
  struct vec iov = {block, 5};
  int errno_ = p1_fd_read(0, &iov, 1, &read);
  fprintf(stderr, "read %d %u %.*s\n", errno_, read, (int)read, block);
  errno_ = write_(1, "out", 3, &written);
  fprintf(stderr, "write %d %u\n", errno_, written);
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  if (strcmp(name, "fill") == 0) fill();
  else if (strcmp(name, "stdout") == 0) stdout_();
  else if (strcmp(name, "descriptors") == 0) descriptors();
  else if (strcmp(name, "removed") == 0) removed();
  else if (strcmp(name, "interrupted") == 0) interrupted();
  else if (strcmp(name, "streams") == 0) streams();
  else if (strcmp(name, "kinds") == 0) kinds();
  else return 1;
  return 0;
}
