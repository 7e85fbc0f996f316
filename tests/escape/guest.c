// Makes the calls that its arguments spell, and prints what each gives: the fields of an argument are separated by `|`.
#include "../conformance/guest/wasi.h"

static char *fields[12];
static char buffer[4096];

static u32 number(u32 index) { return fields[index] ? strtoul(fields[index], NULL, 0) : 0; }
static const char *text(u32 index) { return fields[index] ? fields[index] : ""; }
#define PATH(index) text(index), strlen(text(index))

static int quiet;
static u32 succeeded, failed;
static void result(int errno_) {
  if (errno_) failed++;
  else succeeded++;
  if (!quiet) printf("%s: %d\n", fields[0], errno_);
}

static void read_all(u32 fd) {
  struct vec iov = {buffer, sizeof buffer - 1};
  u32 len = 0;
  int errno_ = p1_fd_read(fd, &iov, 1, &len);
  buffer[errno_ ? 0 : len] = 0;
  if (errno_ == 0 && len) printf("read %.40s\n", buffer);
}

static void write_text(u32 fd, const char *what) {
  struct vec iov = {(void *)what, strlen(what)};
  u32 len = 0;
  result(p1_fd_write(fd, &iov, 1, &len));
}

static void list(u32 fd) {
  u32 used = 0;
  if (p1_fd_readdir(fd, buffer, sizeof buffer, 0, &used)) return;
  for (u32 at = 0; at + 24 <= used;) {
    u32 len = *(u32 *)(buffer + at + 16);
    if (at + 24 + len <= used) printf("entry %.*s\n", (int)len, buffer + at + 24);
    at += 24 + len;
  }
}

static void print_stat(int errno_, const u64 *stat) {
  if (errno_ == 0) printf("type %u size %llu\n", (uint8_t)stat[2], stat[4]);
}

static int is(const char *name) { return strcmp(fields[0], name) == 0; }

static void run(void) {
  u64 stat[8];
  u32 fd = 0, used = 0;
  int errno_;
  if (is("open")) {
    // fd, path, lookup, oflags, rights, fdflags
    errno_ = p1_path_open(number(1), number(3), PATH(2), number(4), number(5), 0, number(6), &fd);
    result(errno_);
    if (errno_) return;
    if (number(5) & READ) {
      read_all(fd);
      list(fd);
    }
    if (number(5) & WRITE) write_text(fd, "PWNED");
    if (quiet) p1_fd_close(fd);
    else printf("is %u\n", fd);
  } else if (is("stat")) {
    errno_ = p1_path_filestat_get(number(1), number(3), PATH(2), stat);
    result(errno_);
    print_stat(errno_, stat);
  } else if (is("fdstat")) {
    errno_ = p1_fd_filestat_get(number(1), stat);
    result(errno_);
    print_stat(errno_, stat);
  } else if (is("readlink")) {
    errno_ = p1_path_readlink(number(1), PATH(2), buffer, sizeof buffer - 1, &used);
    buffer[used] = 0;
    result(errno_);
    if (errno_ == 0) printf("target %s\n", buffer);
  } else if (is("times")) {
    result(p1_path_filestat_set_times(number(1), number(3), PATH(2), 1, 1, 5));
  } else if (is("fdtimes")) {
    result(p1_fd_filestat_set_times(number(1), 1, 1, 5));
  } else if (is("size")) {
    result(p1_fd_filestat_set_size(number(1), number(2)));
  } else if (is("allocate")) {
    result(p1_fd_allocate(number(1), 0, number(2)));
  } else if (is("append")) {
    result(p1_fd_fdstat_set_flags(number(1), number(2)));
  } else if (is("write")) {
    write_text(number(1), text(2));
  } else if (is("read")) {
    read_all(number(1));
  } else if (is("list")) {
    list(number(1));
  } else if (is("mkdir")) {
    result(p1_path_create_directory(number(1), PATH(2)));
  } else if (is("rmdir")) {
    result(p1_path_remove_directory(number(1), PATH(2)));
  } else if (is("unlink")) {
    result(p1_path_unlink_file(number(1), PATH(2)));
  } else if (is("link")) {
    result(p1_path_link(number(1), number(3), PATH(2), number(4), PATH(5)));
  } else if (is("rename")) {
    result(p1_path_rename(number(1), PATH(2), number(3), PATH(4)));
  } else if (is("symlink")) {
    result(p1_path_symlink(PATH(1), number(2), PATH(3)));
  } else if (is("renumber")) {
    result(p1_fd_renumber(number(1), number(2)));
  } else if (is("close")) {
    result(p1_fd_close(number(1)));
  } else {
    printf("not a command: %s\n", fields[0]);
    exit(1);
  }
}

int main(int argc, char **argv) {
  u32 times = 1;
  for (int i = 1; i < argc; i++) {
    if (sscanf(argv[i], "repeat|%u", &times) == 1) {
      quiet = 1;
      continue;
    }
    u32 count = 0;
    for (char *next = argv[i]; next && count < 11;) {
      fields[count++] = next;
      next = strchr(next, '|');
      if (next) *next++ = 0;
    }
    while (count < 12) fields[count++] = NULL;
    for (u32 j = 0; j < times; j++) run();
  }
  printf("%u succeeded, %u failed\ndone\n", succeeded, failed);
  return 0;
}
