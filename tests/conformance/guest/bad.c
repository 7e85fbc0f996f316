// Numbers that no enumeration or set of flags has, each alone in a process: Wasmtime ends it.
#include "wasi.h"

static u64 word[32];
static u32 subscription[12];
#define ROWS(X) \
  X(clock_res_get(4, word)) X(clock_res_get(0xffffffff, word)) X(clock_time_get(4, 0, word)) \
  X(clock_time_get(0x10000, 0, word)) X(fd_advise(ROOT, 0, 0, 6)) X(fd_advise(99, 0, 0, 256)) \
  X(fd_fdstat_set_flags(ROOT, 32)) X(fd_fdstat_set_flags(99, 0x10000)) X(fd_fdstat_set_rights(ROOT, 1ull << 30, 0)) \
  X(fd_fdstat_set_rights(99, 0, UINT64_MAX)) X(fd_filestat_set_times(ROOT, 0, 0, 16)) \
  X(fd_filestat_set_times(99, 0, 0, 0x10000)) X(fd_seek(ROOT, 0, 3, word)) X(fd_seek(99, 0, 256, word)) \
  X(path_filestat_get(ROOT, 2, P("x"), word)) X(path_filestat_get(99, 0x10001, P("\xff"), word)) \
  X(path_filestat_set_times(ROOT, 2, P("x"), 0, 0, 0)) X(path_filestat_set_times(99, 0, P("x"), 0, 0, 64)) \
  X(path_link(ROOT, 2, P("x"), ROOT, P("y"))) X(path_open(ROOT, 2, P("x"), 0, READ, 0, 0, word)) \
  X(path_open(ROOT, 0, P("x"), 16, READ, 0, 0, word)) X(path_open(ROOT, 0, P("x"), 0x10000, READ, 0, 0, word)) \
  X(path_open(ROOT, 0, P("x"), 0, READ, 0, 32, word)) X(path_open(ROOT, 0, P("x"), 0, 1ull << 30, 0, 0, word)) \
  X(path_open(ROOT, 0, P("x"), 0, READ, UINT64_MAX, 0, word)) X(path_open(99, 2, P("\xff"), 0, READ, 0, 0, word)) \
  X(proc_raise(31)) X(proc_raise(0xffffffff)) X(sock_accept(0, 32, word)) X(sock_accept(99, 0x10000, word)) \
  X(sock_recv(0, word, 0, 4, word, word + 1)) X(sock_send(0, word, 0, 1, word)) X(sock_shutdown(0, 4)) \
  X(sock_shutdown(99, 0)) X(poll_oneoff((subscription[2] = 3, subscription), word, 1, word)) \
  X(poll_oneoff((subscription[4] = 4, subscription), word, 1, word)) \
  X(poll_oneoff((subscription[10] = 2, subscription), word, 1, word))

#define CASE(call) case __COUNTER__: T(call); return 0;

int bad(u32 number) {
  switch (number) {
    ROWS(CASE)
  }
  printf("no such test\n");
  return 1;
}
