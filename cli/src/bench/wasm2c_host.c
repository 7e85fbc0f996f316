// What a module that wasm2c translated needs of WASI, as far as simple programs go: standard streams, arguments, clocks.
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "module.h"

struct Z_wasi_snapshot_preview1_instance_t {
  Z_module_instance_t *module;
};
typedef struct Z_wasi_snapshot_preview1_instance_t host;

#define HOST(name) Z_wasi_snapshot_preview1Z_##name

enum { BADF = 8, FAULT = 21, INVAL = 28, IO = 29, NOSYS = 52, SPIPE = 70 };

static int arguments;
static char **argument;

static char *at(host *h, u32 address, u64 size) {
  wasm_rt_memory_t *memory = Z_moduleZ_memory(h->module);
  if (address + size > memory->size) wasm_rt_trap(WASM_RT_TRAP_OOB);
  return (char *)memory->data + address;
}

static void put32(host *h, u32 address, u32 value) { memcpy(at(h, address, 4), &value, 4); }
static void put64(host *h, u32 address, u64 value) { memcpy(at(h, address, 8), &value, 8); }

u32 HOST(args_sizes_get)(host *h, u32 count, u32 size) {
  u32 total = 0;
  for (int i = 0; i < arguments; i++) total += (u32)strlen(argument[i]) + 1;
  put32(h, count, (u32)arguments);
  put32(h, size, total);
  return 0;
}

u32 HOST(args_get)(host *h, u32 pointers, u32 buffer) {
  for (int i = 0; i < arguments; i++) {
    u32 size = (u32)strlen(argument[i]) + 1;
    put32(h, pointers + 4 * (u32)i, buffer);
    memcpy(at(h, buffer, size), argument[i], size);
    buffer += size;
  }
  return 0;
}

u32 HOST(environ_sizes_get)(host *h, u32 count, u32 size) {
  put32(h, count, 0);
  put32(h, size, 0);
  return 0;
}

u32 HOST(environ_get)(host *h, u32 pointers, u32 buffer) { return 0; }

static u32 transfer(host *h, u32 fd, u32 vectors, u32 count, u32 done, int write) {
  struct iovec iov[16];
  if (fd > 2) return BADF;
  if (count > 16) count = 16;
  for (u32 i = 0; i < count; i++) {
    u32 pair[2];
    memcpy(pair, at(h, vectors + 8 * i, 8), 8);
    iov[i].iov_base = at(h, pair[0], pair[1]);
    iov[i].iov_len = pair[1];
  }
  ssize_t bytes = write ? writev((int)fd, iov, (int)count) : readv((int)fd, iov, (int)count);
  if (bytes < 0) return IO;
  put32(h, done, (u32)bytes);
  return 0;
}

u32 HOST(fd_write)(host *h, u32 fd, u32 vectors, u32 count, u32 done) { return transfer(h, fd, vectors, count, done, 1); }
u32 HOST(fd_read)(host *h, u32 fd, u32 vectors, u32 count, u32 done) { return transfer(h, fd, vectors, count, done, 0); }
u32 HOST(fd_close)(host *h, u32 fd) { return fd > 2 ? BADF : 0; }
u32 HOST(fd_seek)(host *h, u32 fd, u64 offset, u32 whence, u32 result) { return fd > 2 ? BADF : SPIPE; }
u32 HOST(fd_prestat_get)(host *h, u32 fd, u32 result) { return BADF; }
u32 HOST(fd_prestat_dir_name)(host *h, u32 fd, u32 path, u32 size) { return BADF; }

static u32 file_type(mode_t mode) {
  return S_ISCHR(mode) ? 2 : S_ISREG(mode) ? 4 : S_ISDIR(mode) ? 3 : S_ISSOCK(mode) ? 6 : 0;
}

u32 HOST(fd_fdstat_get)(host *h, u32 fd, u32 result) {
  struct stat about;
  if (fd > 2 || fstat((int)fd, &about)) return BADF;
  memset(at(h, result, 24), 0, 24);
  *at(h, result, 1) = (char)file_type(about.st_mode);
  put64(h, result + 8, ~0ull);
  put64(h, result + 16, ~0ull);
  return 0;
}

u32 HOST(fd_filestat_get)(host *h, u32 fd, u32 result) {
  struct stat about;
  if (fd > 2 || fstat((int)fd, &about)) return BADF;
  memset(at(h, result, 64), 0, 64);
  put64(h, result, about.st_dev);
  put64(h, result + 8, about.st_ino);
  *at(h, result + 16, 1) = (char)file_type(about.st_mode);
  put64(h, result + 24, about.st_nlink);
  put64(h, result + 32, (u64)about.st_size);
  return 0;
}

u32 HOST(clock_time_get)(host *h, u32 clock, u64 precision, u32 result) {
  static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
  struct timespec now;
  if (clock > 3 || clock_gettime(clocks[clock], &now)) return INVAL;
  put64(h, result, (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec);
  return 0;
}

u32 HOST(random_get)(host *h, u32 buffer, u32 size) {
  while (size) {
    u32 part = size < 256 ? size : 256;
    if (getrandom(at(h, buffer, part), part, 0) != part) return IO;
    buffer += part;
    size -= part;
  }
  return 0;
}

u32 HOST(sched_yield)(host *h) { return 0; }
void HOST(proc_exit)(host *h, u32 status) { exit((int)status); }

// What opens or changes files: nothing is granted.
u32 HOST(path_open)(host *h, u32 a, u32 b, u32 c, u32 d, u32 e, u64 f, u64 g, u32 i, u32 j) { return BADF; }
u32 HOST(path_filestat_get)(host *h, u32 a, u32 b, u32 c, u32 d, u32 e) { return BADF; }
u32 HOST(path_filestat_set_times)(host *h, u32 a, u32 b, u32 c, u32 d, u64 e, u64 f, u32 g) { return BADF; }
u32 HOST(path_create_directory)(host *h, u32 a, u32 b, u32 c) { return BADF; }
u32 HOST(path_readlink)(host *h, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f) { return BADF; }
u32 HOST(path_remove_directory)(host *h, u32 a, u32 b, u32 c) { return BADF; }
u32 HOST(path_unlink_file)(host *h, u32 a, u32 b, u32 c) { return BADF; }
u32 HOST(path_rename)(host *h, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f) { return BADF; }
u32 HOST(path_link)(host *h, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f, u32 g) { return BADF; }
u32 HOST(path_symlink)(host *h, u32 a, u32 b, u32 c, u32 d, u32 e) { return BADF; }
u32 HOST(fd_readdir)(host *h, u32 a, u32 b, u32 c, u64 d, u32 e) { return BADF; }
u32 HOST(fd_sync)(host *h, u32 a) { return BADF; }
u32 HOST(fd_tell)(host *h, u32 a, u32 b) { return a > 2 ? BADF : SPIPE; }
u32 HOST(fd_fdstat_set_flags)(host *h, u32 a, u32 b) { return BADF; }
u32 HOST(fd_filestat_set_size)(host *h, u32 a, u64 b) { return BADF; }
u32 HOST(poll_oneoff)(host *h, u32 a, u32 b, u32 c, u32 d) { return NOSYS; }

int main(int argc, char **argv) {
  Z_module_instance_t module;
  host h = {&module};
  arguments = argc;
  argument = argv;
  wasm_rt_init();
  Z_module_init_module();
  Z_module_instantiate(&module, &h);
  Z_moduleZ__start(&module);
  return 0;
}
