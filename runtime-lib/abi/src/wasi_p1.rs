//! The host functions of WASI preview 1 and of its predecessor, and that of wasi-threads.

/// Calls a macro with the table of host functions: `"module", "name", symbol(parameters) -> result`.
///
/// Each is an `extern "C"` function of the runtime that takes the address of the calling instance's exported
/// [`Memory`](crate::program::Memory) record (null when it exports none) before the wasm parameters. `wasi_unstable`
/// shares the functions whose layouts did not change (`nvz_p1_`); the others are `nvz_p0_`.
///
/// `thread-spawn` is no such function: it is the builtin of that symbol.
///
/// Source: the `wasi_snapshot_preview1` and `wasi_unstable` witx documents.
#[macro_export]
macro_rules! for_each_wasi_p1 {
    ($mac:ident) => {
        $mac! {
            "wasi_snapshot_preview1", "args_get", nvz_p1_args_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "args_sizes_get", nvz_p1_args_sizes_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "environ_get", nvz_p1_environ_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "environ_sizes_get", nvz_p1_environ_sizes_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "clock_res_get", nvz_p1_clock_res_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "clock_time_get", nvz_p1_clock_time_get(i32, i64, i32) -> i32;
            "wasi_snapshot_preview1", "fd_advise", nvz_p1_fd_advise(i32, i64, i64, i32) -> i32;
            "wasi_snapshot_preview1", "fd_allocate", nvz_p1_fd_allocate(i32, i64, i64) -> i32;
            "wasi_snapshot_preview1", "fd_close", nvz_p1_fd_close(i32) -> i32;
            "wasi_snapshot_preview1", "fd_datasync", nvz_p1_fd_datasync(i32) -> i32;
            "wasi_snapshot_preview1", "fd_fdstat_get", nvz_p1_fd_fdstat_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_fdstat_set_flags", nvz_p1_fd_fdstat_set_flags(i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_fdstat_set_rights", nvz_p1_fd_fdstat_set_rights(i32, i64, i64) -> i32;
            "wasi_snapshot_preview1", "fd_filestat_get", nvz_p1_fd_filestat_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_filestat_set_size", nvz_p1_fd_filestat_set_size(i32, i64) -> i32;
            "wasi_snapshot_preview1", "fd_filestat_set_times", nvz_p1_fd_filestat_set_times(i32, i64, i64, i32) -> i32;
            "wasi_snapshot_preview1", "fd_pread", nvz_p1_fd_pread(i32, i32, i32, i64, i32) -> i32;
            "wasi_snapshot_preview1", "fd_prestat_get", nvz_p1_fd_prestat_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_prestat_dir_name", nvz_p1_fd_prestat_dir_name(i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_pwrite", nvz_p1_fd_pwrite(i32, i32, i32, i64, i32) -> i32;
            "wasi_snapshot_preview1", "fd_read", nvz_p1_fd_read(i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_readdir", nvz_p1_fd_readdir(i32, i32, i32, i64, i32) -> i32;
            "wasi_snapshot_preview1", "fd_renumber", nvz_p1_fd_renumber(i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_seek", nvz_p1_fd_seek(i32, i64, i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_sync", nvz_p1_fd_sync(i32) -> i32;
            "wasi_snapshot_preview1", "fd_tell", nvz_p1_fd_tell(i32, i32) -> i32;
            "wasi_snapshot_preview1", "fd_write", nvz_p1_fd_write(i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_create_directory", nvz_p1_path_create_directory(i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_filestat_get", nvz_p1_path_filestat_get(i32, i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_filestat_set_times", nvz_p1_path_filestat_set_times(i32, i32, i32, i32, i64, i64, i32) -> i32;
            "wasi_snapshot_preview1", "path_link", nvz_p1_path_link(i32, i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_open", nvz_p1_path_open(i32, i32, i32, i32, i32, i64, i64, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_readlink", nvz_p1_path_readlink(i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_remove_directory", nvz_p1_path_remove_directory(i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_rename", nvz_p1_path_rename(i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_symlink", nvz_p1_path_symlink(i32, i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "path_unlink_file", nvz_p1_path_unlink_file(i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "poll_oneoff", nvz_p1_poll_oneoff(i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "proc_exit", nvz_p1_proc_exit(i32);
            "wasi_snapshot_preview1", "proc_raise", nvz_p1_proc_raise(i32) -> i32;
            "wasi_snapshot_preview1", "sched_yield", nvz_p1_sched_yield() -> i32;
            "wasi_snapshot_preview1", "random_get", nvz_p1_random_get(i32, i32) -> i32;
            "wasi_snapshot_preview1", "sock_accept", nvz_p1_sock_accept(i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "sock_recv", nvz_p1_sock_recv(i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "sock_send", nvz_p1_sock_send(i32, i32, i32, i32, i32) -> i32;
            "wasi_snapshot_preview1", "sock_shutdown", nvz_p1_sock_shutdown(i32, i32) -> i32;
            "wasi", "thread-spawn", nvz_thread_spawn(i32) -> i32;
            "wasi_unstable", "args_get", nvz_p1_args_get(i32, i32) -> i32;
            "wasi_unstable", "args_sizes_get", nvz_p1_args_sizes_get(i32, i32) -> i32;
            "wasi_unstable", "environ_get", nvz_p1_environ_get(i32, i32) -> i32;
            "wasi_unstable", "environ_sizes_get", nvz_p1_environ_sizes_get(i32, i32) -> i32;
            "wasi_unstable", "clock_res_get", nvz_p1_clock_res_get(i32, i32) -> i32;
            "wasi_unstable", "clock_time_get", nvz_p1_clock_time_get(i32, i64, i32) -> i32;
            "wasi_unstable", "fd_advise", nvz_p1_fd_advise(i32, i64, i64, i32) -> i32;
            "wasi_unstable", "fd_allocate", nvz_p1_fd_allocate(i32, i64, i64) -> i32;
            "wasi_unstable", "fd_close", nvz_p1_fd_close(i32) -> i32;
            "wasi_unstable", "fd_datasync", nvz_p1_fd_datasync(i32) -> i32;
            "wasi_unstable", "fd_fdstat_get", nvz_p1_fd_fdstat_get(i32, i32) -> i32;
            "wasi_unstable", "fd_fdstat_set_flags", nvz_p1_fd_fdstat_set_flags(i32, i32) -> i32;
            "wasi_unstable", "fd_fdstat_set_rights", nvz_p1_fd_fdstat_set_rights(i32, i64, i64) -> i32;
            "wasi_unstable", "fd_filestat_get", nvz_p0_fd_filestat_get(i32, i32) -> i32;
            "wasi_unstable", "fd_filestat_set_size", nvz_p1_fd_filestat_set_size(i32, i64) -> i32;
            "wasi_unstable", "fd_filestat_set_times", nvz_p1_fd_filestat_set_times(i32, i64, i64, i32) -> i32;
            "wasi_unstable", "fd_pread", nvz_p1_fd_pread(i32, i32, i32, i64, i32) -> i32;
            "wasi_unstable", "fd_prestat_get", nvz_p1_fd_prestat_get(i32, i32) -> i32;
            "wasi_unstable", "fd_prestat_dir_name", nvz_p1_fd_prestat_dir_name(i32, i32, i32) -> i32;
            "wasi_unstable", "fd_pwrite", nvz_p1_fd_pwrite(i32, i32, i32, i64, i32) -> i32;
            "wasi_unstable", "fd_read", nvz_p1_fd_read(i32, i32, i32, i32) -> i32;
            "wasi_unstable", "fd_readdir", nvz_p1_fd_readdir(i32, i32, i32, i64, i32) -> i32;
            "wasi_unstable", "fd_renumber", nvz_p1_fd_renumber(i32, i32) -> i32;
            "wasi_unstable", "fd_seek", nvz_p0_fd_seek(i32, i64, i32, i32) -> i32;
            "wasi_unstable", "fd_sync", nvz_p1_fd_sync(i32) -> i32;
            "wasi_unstable", "fd_tell", nvz_p1_fd_tell(i32, i32) -> i32;
            "wasi_unstable", "fd_write", nvz_p1_fd_write(i32, i32, i32, i32) -> i32;
            "wasi_unstable", "path_create_directory", nvz_p1_path_create_directory(i32, i32, i32) -> i32;
            "wasi_unstable", "path_filestat_get", nvz_p0_path_filestat_get(i32, i32, i32, i32, i32) -> i32;
            "wasi_unstable", "path_filestat_set_times", nvz_p1_path_filestat_set_times(i32, i32, i32, i32, i64, i64, i32) -> i32;
            "wasi_unstable", "path_link", nvz_p1_path_link(i32, i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_unstable", "path_open", nvz_p1_path_open(i32, i32, i32, i32, i32, i64, i64, i32, i32) -> i32;
            "wasi_unstable", "path_readlink", nvz_p1_path_readlink(i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_unstable", "path_remove_directory", nvz_p1_path_remove_directory(i32, i32, i32) -> i32;
            "wasi_unstable", "path_rename", nvz_p1_path_rename(i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_unstable", "path_symlink", nvz_p1_path_symlink(i32, i32, i32, i32, i32) -> i32;
            "wasi_unstable", "path_unlink_file", nvz_p1_path_unlink_file(i32, i32, i32) -> i32;
            "wasi_unstable", "poll_oneoff", nvz_p0_poll_oneoff(i32, i32, i32, i32) -> i32;
            "wasi_unstable", "proc_exit", nvz_p1_proc_exit(i32);
            "wasi_unstable", "proc_raise", nvz_p1_proc_raise(i32) -> i32;
            "wasi_unstable", "sched_yield", nvz_p1_sched_yield() -> i32;
            "wasi_unstable", "random_get", nvz_p1_random_get(i32, i32) -> i32;
            "wasi_unstable", "sock_recv", nvz_p1_sock_recv(i32, i32, i32, i32, i32, i32) -> i32;
            "wasi_unstable", "sock_send", nvz_p1_sock_send(i32, i32, i32, i32, i32) -> i32;
            "wasi_unstable", "sock_shutdown", nvz_p1_sock_shutdown(i32, i32) -> i32;
        }
    };
}
