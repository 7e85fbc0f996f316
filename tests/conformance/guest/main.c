// Runs the tests of the functions that the arguments name.
#include "wasi.h"

#define EACH(X) \
  X(args_get) X(args_sizes_get) X(environ_get) X(environ_sizes_get) X(clock_res_get) X(clock_time_get) X(fd_advise) \
  X(fd_allocate) X(fd_close) X(fd_datasync) X(fd_fdstat_get) X(fd_fdstat_set_flags) X(fd_fdstat_set_rights) \
  X(fd_filestat_get) X(fd_filestat_set_size) X(fd_filestat_set_times) X(fd_pread) X(fd_prestat_get) \
  X(fd_prestat_dir_name) X(fd_pwrite) X(fd_read) X(fd_readdir) X(fd_renumber) X(fd_seek) X(fd_sync) X(fd_tell) \
  X(fd_write) X(path_create_directory) X(path_filestat_get) X(path_filestat_set_times) X(path_link) X(path_open) X(path_open_flags) \
  X(path_readlink) X(path_remove_directory) X(path_rename) X(path_symlink) X(path_unlink_file) X(poll_oneoff) \
  X(proc_exit) X(proc_raise) X(sched_yield) X(random_get) X(sock_accept) X(sock_recv) X(sock_send) X(sock_shutdown)

#define DECLARE(name) void test_##name(void);
#define ROW(name) {#name, test_##name},

EACH(DECLARE)
int bad(u32 number);

static const struct { const char *name; void (*run)(void); } TESTS[] = {EACH(ROW)};

int main(int argc, char **argv) {
  // What was printed before a trap is not lost.
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (u32 i = 0; argc > 1 && i < sizeof TESTS / sizeof *TESTS; i++) {
    if (strcmp(argv[1], TESTS[i].name) != 0) continue;
    TESTS[i].run();
    return 0;
  }
  if (argc > 2 && strcmp(argv[1], "bad") == 0) return bad(atoi(argv[2]));
  printf("no such test\n");
  return 1;
}
