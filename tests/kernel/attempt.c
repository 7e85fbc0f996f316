// Does one thing by preview 1 directly, past the path logic of the C library: attempt OPERATION DIRECTORY PATH [PATH].
// Prints the errno, and what it could read.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

static __wasi_fd_t directory;

static int open_as(const char *path, __wasi_oflags_t oflags, __wasi_rights_t rights, __wasi_fd_t *fd) {
  return __wasi_path_open(directory, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, oflags, rights, rights, 0, fd);
}

static int read_file(const char *path) {
  __wasi_fd_t fd;
  int error = open_as(path, 0, __WASI_RIGHTS_FD_READ, &fd);
  if (error) return error;
  uint8_t content[256];
  __wasi_iovec_t buffer = {content, sizeof content};
  __wasi_size_t len;
  error = __wasi_fd_read(fd, &buffer, 1, &len);
  if (!error) printf("%.*s", (int)len, (char *)content);
  return error;
}

static int list(const char *path) {
  __wasi_fd_t fd;
  int error = open_as(path, __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READ, &fd);
  if (error) return error;
  static uint8_t entries[4096];
  __wasi_size_t len;
  error = __wasi_fd_readdir(fd, entries, sizeof entries, 0, &len);
  for (size_t at = 0; !error && at + 24 <= len;) {
    uint32_t name;
    memcpy(&name, entries + at + 16, 4);
    printf("%.*s ", (int)name, (char *)entries + at + 24);
    at += 24 + name;
  }
  return error;
}

static int write_file(const char *path, __wasi_oflags_t oflags) {
  __wasi_fd_t fd;
  int error = open_as(path, oflags, __WASI_RIGHTS_FD_WRITE, &fd);
  if (error) return error;
  __wasi_ciovec_t buffer = {(const uint8_t *)"changed", 7};
  __wasi_size_t len;
  return __wasi_fd_write(fd, &buffer, 1, &len);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const char *what = argv[1], *path = argv[3], *other = argc > 4 ? argv[4] : "";
  directory = atoi(argv[2]);
  int error = -1;
#define IS(name) (!strcmp(what, name))
  __wasi_filestat_t stat;
  if (IS("read")) error = read_file(path);
  if (IS("list")) error = list(path);
  if (IS("write")) error = write_file(path, 0);
  if (IS("create")) error = write_file(path, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL);
  if (IS("truncate")) error = write_file(path, __WASI_OFLAGS_TRUNC);
  if (IS("mkdir")) error = __wasi_path_create_directory(directory, path);
  if (IS("rmdir")) error = __wasi_path_remove_directory(directory, path);
  if (IS("unlink")) error = __wasi_path_unlink_file(directory, path);
  if (IS("rename")) error = __wasi_path_rename(directory, path, directory, other);
  if (IS("link")) error = __wasi_path_link(directory, 0, path, directory, other);
  if (IS("symlink")) error = __wasi_path_symlink(path, directory, other);
  if (IS("stat")) error = __wasi_path_filestat_get(directory, 1, path, &stat);
  if (IS("times")) error = __wasi_path_filestat_set_times(directory, 0, path, 0, 0, __WASI_FSTFLAGS_MTIM);
  if (IS("readlink")) {
    uint8_t target[256];
    __wasi_size_t len = 0;
    error = __wasi_path_readlink(directory, path, target, sizeof target, &len);
    if (!error) printf("%.*s", (int)len, (char *)target);
  }
  printf("\n%d\n", error);
  return 0;
}
