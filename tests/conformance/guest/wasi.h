// The functions of wasi_snapshot_preview1 as their witx declarations lower them, so that a test can pass what no C
// library would, and what the tests share for printing results.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(result, name, ...) \
  __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) result p1_##name(__VA_ARGS__)

typedef const void *in;
typedef void *out;
typedef uint32_t u32;
typedef uint64_t u64;

IMPORT(int, args_get, out, out);
IMPORT(int, args_sizes_get, out, out);
IMPORT(int, environ_get, out, out);
IMPORT(int, environ_sizes_get, out, out);
IMPORT(int, clock_res_get, u32, out);
IMPORT(int, clock_time_get, u32, u64, out);
IMPORT(int, fd_advise, u32, u64, u64, u32);
IMPORT(int, fd_allocate, u32, u64, u64);
IMPORT(int, fd_close, u32);
IMPORT(int, fd_datasync, u32);
IMPORT(int, fd_fdstat_get, u32, out);
IMPORT(int, fd_fdstat_set_flags, u32, u32);
IMPORT(int, fd_fdstat_set_rights, u32, u64, u64);
IMPORT(int, fd_filestat_get, u32, out);
IMPORT(int, fd_filestat_set_size, u32, u64);
IMPORT(int, fd_filestat_set_times, u32, u64, u64, u32);
IMPORT(int, fd_pread, u32, in, u32, u64, out);
IMPORT(int, fd_prestat_get, u32, out);
IMPORT(int, fd_prestat_dir_name, u32, out, u32);
IMPORT(int, fd_pwrite, u32, in, u32, u64, out);
IMPORT(int, fd_read, u32, in, u32, out);
IMPORT(int, fd_readdir, u32, out, u32, u64, out);
IMPORT(int, fd_renumber, u32, u32);
IMPORT(int, fd_seek, u32, u64, u32, out);
IMPORT(int, fd_sync, u32);
IMPORT(int, fd_tell, u32, out);
IMPORT(int, fd_write, u32, in, u32, out);
IMPORT(int, path_create_directory, u32, in, u32);
IMPORT(int, path_filestat_get, u32, u32, in, u32, out);
IMPORT(int, path_filestat_set_times, u32, u32, in, u32, u64, u64, u32);
IMPORT(int, path_link, u32, u32, in, u32, u32, in, u32);
IMPORT(int, path_open, u32, u32, in, u32, u32, u64, u64, u32, out);
IMPORT(int, path_readlink, u32, in, u32, out, u32, out);
IMPORT(int, path_remove_directory, u32, in, u32);
IMPORT(int, path_rename, u32, in, u32, u32, in, u32);
IMPORT(int, path_symlink, in, u32, u32, in, u32);
IMPORT(int, path_unlink_file, u32, in, u32);
IMPORT(int, poll_oneoff, in, out, u32, out);
IMPORT(_Noreturn void, proc_exit, u32);
IMPORT(int, proc_raise, u32);
IMPORT(int, sched_yield, void);
IMPORT(int, random_get, out, u32);
IMPORT(int, sock_accept, u32, u32, out);
IMPORT(int, sock_recv, u32, in, u32, u32, out, out);
IMPORT(int, sock_send, u32, in, u32, u32, out);
IMPORT(int, sock_shutdown, u32, u32);

// What the harness grants.
#define ROOT 3
#define OTHER 4

// oflags, fdflags, rights, lookupflags
enum { CREAT = 1, DIRECTORY = 2, EXCL = 4, TRUNC = 8 };
enum { APPEND = 1, DSYNC = 2, NONBLOCK = 4, RSYNC = 8, SYNC = 16 };
enum { READ = 1 << 1, WRITE = 1 << 6 };
enum { FOLLOW = 1 };

struct vec { void *buf; u32 len; };

// Prints a call, the errno that it gave, and returns that.
int show(const char *call, int errno_);
#define T(call) show(#call, p1_##call)

// Prints a label and bytes in hexadecimal.
void hex(const char *label, const void *bytes, u32 len);

// A path as the two parameters that it is passed as.
#define P(text) text, sizeof(text) - 1

// Opens a file that must open.
u32 must_open(u32 directory, const char *path, u32 oflags, u64 rights, u32 fdflags);
// Creates a file with this content.
void make_file(u32 directory, const char *path, const char *content);
// Makes a directory `name` in ROOT with one of every kind of entry in it, and opens it.
u32 make_tree(const char *name);

// Every kind of descriptor, opened on a tree of its own.
struct kind { const char *name; u32 fd; };
enum { KINDS = 15 };
void make_kinds(struct kind kinds[KINDS]);

// Paths that lead everywhere, in what `make_tree` makes.
struct path { const char *text; u32 len; };
extern const struct path PATHS[];
extern const u32 PATH_COUNT;
// A path for the eye.
const char *shown(const struct path *path);

// Defines the test of a function.
#define TEST(name) void test_##name(void)
