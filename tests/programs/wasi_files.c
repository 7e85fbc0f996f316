// Files, directories, links, positions, times and polling, as a C program sees them. Prints what happens.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void result(const char *what, long value) {
  if (value < 0)
    printf("%s: %s\n", what, strerror(errno));
  else
    printf("%s: %ld\n", what, value);
}
#define R(call) (errno = 0, result(#call, (long)(call)))

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path) {
  char *names[400];
  int count = 0;
  DIR *dir = opendir(path);
  if (!dir) {
    result(path, -1);
    return;
  }
  struct dirent *entry;
  while ((entry = readdir(dir)) && count < 400) {
    char line[300];
    snprintf(line, sizeof line, "%s type %d", entry->d_name, entry->d_type);
    names[count++] = strdup(line);
  }
  rewinddir(dir);
  int again = 0;
  while (readdir(dir)) again++;
  closedir(dir);
  qsort(names, count, sizeof *names, compare);
  printf("%s: %d entries, %d again\n", path, count, again);
  for (int i = 0; i < count; i++) {
    if (count < 20) printf("  %s\n", names[i]);
    free(names[i]);
  }
}

static void stat_of(const char *path) {
  struct stat s;
  if (stat(path, &s)) {
    result(path, -1);
  } else {
    printf("stat %s: mode %o size %lld links %d\n", path, s.st_mode & S_IFMT,
           S_ISREG(s.st_mode) ? (long long)s.st_size : -1LL, S_ISREG(s.st_mode) ? (int)s.st_nlink : -1);
  }
  if (lstat(path, &s)) {
    result(path, -1);
  } else {
    printf("lstat %s: mode %o\n", path, s.st_mode & S_IFMT);
  }
}

static void files(void) {
  puts("-- files");
  int fd;
  char buffer[64] = {0};
  R(fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0644));
  R(write(fd, "hello world\n", 12));
  R(lseek(fd, 0, SEEK_CUR));
  R(lseek(fd, -6, SEEK_END));
  R(read(fd, buffer, 63));
  printf("[%s]\n", buffer);
  R(pread(fd, buffer, 5, 0));
  R(pwrite(fd, "HELLO", 5, 0));
  R(lseek(fd, 100, SEEK_SET));
  R(read(fd, buffer, 1));
  R(lseek(fd, -1, SEEK_SET));
  struct iovec v[4] = {{"ab", 2}, {"", 0}, {"cdef", 4}, {"g", 1}};
  ssize_t n = 0, total = 0;
  for (int i = 0; i < 4;) {  // writes may be short
    n = writev(fd, v + i, 4 - i);
    if (n <= 0) break;
    total += n;
    while (i < 4 && n >= (ssize_t)v[i].iov_len) n -= v[i++].iov_len;
    if (i < 4) v[i].iov_base = (char *)v[i].iov_base + n, v[i].iov_len -= n;
  }
  printf("writev %zd\n", total);
  stat_of("file");
  R(ftruncate(fd, 4));
  stat_of("file");
  R(ftruncate(fd, -1));
  R(fsync(fd));
  R(fdatasync(fd));
  R(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  R(fcntl(fd, F_GETFL));
  R(fcntl(fd, F_SETFL, O_APPEND));
  R(lseek(fd, 0, SEEK_SET));
  R(write(fd, "tail", 4));
  R(lseek(fd, 0, SEEK_CUR));
  R(pread(fd, buffer, 8, 0));
  printf("[%.8s]\n", buffer);
  R(close(fd));
  R(close(fd));
  R(read(fd, buffer, 1));
  R(open("file", O_RDWR | O_CREAT | O_EXCL, 0644));
  R(fd = open("file", O_RDONLY));
  R(write(fd, "x", 1));
  R(ftruncate(fd, 0));
  R(close(fd));
  R(fd = open("file", O_WRONLY | O_TRUNC));
  R(read(fd, buffer, 1));
  R(close(fd));
  stat_of("file");
  R(open("none", O_RDONLY));
  R(open("none/file", O_RDWR | O_CREAT, 0644));
  R(open("file/", O_RDONLY));
  R(open("file/x", O_RDONLY));
  R(open("new/", O_RDWR | O_CREAT, 0644));
  R(open(".", O_RDWR));
  R(open("file", O_RDONLY | O_DIRECTORY));
  R(open("", O_RDONLY));
  R(open("../outside", O_RDONLY));
  R(open("/../outside", O_RDONLY));
  R(open("\xff\xfe", O_RDONLY));
}

static void directories(void) {
  puts("-- directories");
  R(mkdir("dir", 0755));
  R(mkdir("dir", 0755));
  R(mkdir("dir/sub/", 0755));
  R(mkdir("dir/none/sub", 0755));
  R(mkdir(".", 0755));
  R(close(open("dir/one", O_CREAT | O_WRONLY, 0644)));
  R(close(open("dir/two", O_CREAT | O_WRONLY, 0644)));
  list("dir");
  list("dir/");
  list("dir/sub/..");
  list("dir/one");
  list("none");
  int dir;
  R(dir = open("dir", O_RDONLY | O_DIRECTORY));
  int fd;
  R(fd = openat(dir, "one", O_RDONLY));
  R(close(fd));
  R(openat(dir, "../file", O_RDONLY));
  R(mkdirat(dir, "three", 0755));
  R(unlinkat(dir, "three", 0));
  R(unlinkat(dir, "three", AT_REMOVEDIR));
  R(read(dir, &fd, 1));
  R(lseek(dir, 0, SEEK_SET));
  R(close(dir));
  R(rmdir("dir"));
  R(unlink("dir"));
  R(rmdir("dir/one"));
  R(unlink("dir/one/"));
  R(unlink("dir/two"));
  R(rmdir("none"));
  R(rename("dir/one", "dir/sub"));
  R(rename("dir/sub", "dir/one"));
  R(rename("dir/one", "dir/uno"));
  R(rename("dir/one", "dir/uno"));
  R(rename("dir/uno/", "dir/x"));
  R(rename("dir/sub/", "dir/moved/"));
  R(rename("dir", "dir/moved/dir"));
  list("dir");
  R(mkdir("many", 0755));
  for (int i = 0; i < 200; i++) {
    char name[80];
    snprintf(name, sizeof name, "many/entry-%d-%.*s", i, i % 50, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    close(open(name, O_CREAT | O_WRONLY, 0644));
  }
  list("many");
}

static void links(void) {
  puts("-- links");
  char buffer[64] = {0};
  R(symlink("file", "link"));
  R(symlink("file", "link"));
  R(symlink("/etc/passwd", "absolute"));
  R(symlink("../outside", "out"));
  R(symlink("loop", "loop"));
  R(symlink("dir", "to-dir"));
  R(symlink("created", "dangling"));
  R(readlink("link", buffer, sizeof buffer));
  printf("[%s]\n", buffer);
  R(readlink("link", buffer, 2));
  R(readlink("file", buffer, sizeof buffer));
  stat_of("link");
  stat_of("out");
  stat_of("loop");
  stat_of("dangling");
  stat_of("to-dir");
  struct stat s;
  R(stat("to-dir/", &s));
  stat_of("to-dir/uno");
  R(open("out", O_RDONLY));
  R(open("loop", O_RDONLY));
  R(open("link", O_RDONLY | O_NOFOLLOW));
  R(close(open("dangling", O_RDWR | O_CREAT, 0644)));
  stat_of("created");
  list("to-dir");
  R(link("file", "hard"));
  R(link("file", "hard"));
  R(link("dir", "hard-dir"));
  R(link("none", "hard-none"));
  R(link("link", "hard-link"));
  stat_of("hard");
  stat_of("hard-link");
  R(unlink("link"));
  R(rename("to-dir", "renamed-link"));
  stat_of("renamed-link");
}

static void times(void) {
  puts("-- times");
  struct timespec set[2] = {{1000, 7}, {2000, 8}};
  struct stat s;
  R(utimensat(AT_FDCWD, "file", set, 0));
  stat("file", &s);
  printf("%lld.%ld %lld.%ld\n", (long long)s.st_atim.tv_sec, s.st_atim.tv_nsec, (long long)s.st_mtim.tv_sec,
         s.st_mtim.tv_nsec);
  set[0].tv_nsec = UTIME_OMIT;
  set[1].tv_nsec = UTIME_NOW;
  int fd = open("file", O_RDONLY);
  R(futimens(fd, set));
  fstat(fd, &s);
  printf("%lld %d\n", (long long)s.st_atim.tv_sec, s.st_mtim.tv_sec > 1600000000);
  R(close(fd));
  set[0].tv_nsec = set[1].tv_nsec = 5;
  R(utimensat(AT_FDCWD, "dangling", set, AT_SYMLINK_NOFOLLOW));
  R(utimensat(AT_FDCWD, "out", set, 0));
  R(utimensat(AT_FDCWD, "none", set, 0));
  R(utimensat(AT_FDCWD, "dir", set, 0));
}

static void polling(void) {
  puts("-- poll");
  int fd = open("file", O_RDWR);
  struct pollfd p = {fd, POLLIN, 0};
  R(poll(&p, 1, 1000));
  printf("%d\n", p.revents & POLLIN);
  p.events = POLLOUT;
  R(poll(&p, 1, 1000));
  printf("%d\n", p.revents & POLLOUT);
  p.fd = 1;
  R(poll(&p, 1, 1000));
  p.fd = 99;
  R(poll(&p, 1, 1000));
  printf("%d\n", p.revents & POLLNVAL);
  R(poll(0, 0, 1));
  struct timespec start, end, wait = {0, 5000000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  R(nanosleep(&wait, 0));
  clock_gettime(CLOCK_MONOTONIC, &end);
  long long passed = (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec;
  printf("%d\n", passed >= 5000000);
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_nsec += 1000000;
  if (end.tv_nsec >= 1000000000) end.tv_nsec -= 1000000000, end.tv_sec++;
  R(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &end, 0));
  close(fd);
}

static void stdio_streams(void) {
  puts("-- stdio");
  char buffer[100];
  FILE *f = fopen("lines", "w+");
  for (int i = 0; i < 2000; i++) fprintf(f, "line %d\n", i);
  rewind(f);
  long lines = 0, sum = 0;
  while (fgets(buffer, sizeof buffer, f)) lines++, sum += strlen(buffer);
  printf("%ld lines, %ld bytes, at %ld\n", lines, sum, ftell(f));
  fseek(f, -10, SEEK_END);
  fgets(buffer, sizeof buffer, f);
  printf("%s", buffer);
  fclose(f);
  f = fopen("lines", "a");
  fputs("end\n", f);
  fclose(f);
  stat_of("lines");
  R(isatty(0));
  R(lseek(0, 0, SEEK_CUR));
  R(lseek(1, 0, SEEK_CUR));
  R(read(0, buffer, sizeof buffer));
  R(read(0, buffer, sizeof buffer));
  R(read(1, buffer, 1));
  R(write(0, buffer, 1));
  struct stat s;
  R(fstat(1, &s));
  printf("%o\n", s.st_mode & S_IFMT);
}

int main(int argc, char **argv) {
  printf("%d arguments:", argc - 1);
  for (int i = 1; i < argc; i++) printf(" [%s]", argv[i]);
  puts("");
  printf("A=%s B=%s\n", getenv("A"), getenv("B"));
  files();
  directories();
  links();
  times();
  polling();
  stdio_streams();
  return 42;
}
