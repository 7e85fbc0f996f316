//! The host functions as compiled code calls them, derived from the contract's table.
//!
//! A row without an implementation here, or with one of another type, does not compile.
#![allow(unsafe_code)]

use crate::core::errno::Result;
use crate::guest::Guest;
use nativize_abi::for_each_wasi_p1;
use nativize_abi::program::Memory;

/// The implementation of each symbol.
mod implementations {
    pub(super) use crate::p1::args::{get as nvz_p1_args_get, sizes_get as nvz_p1_args_sizes_get};
    pub(super) use crate::p1::clock::{
        res_get as nvz_p1_clock_res_get, time_get as nvz_p1_clock_time_get,
    };
    pub(super) use crate::p1::environ::{
        get as nvz_p1_environ_get, sizes_get as nvz_p1_environ_sizes_get,
    };
    pub(super) use crate::p1::fd::{
        advise as nvz_p1_fd_advise, allocate as nvz_p1_fd_allocate, close as nvz_p1_fd_close,
        datasync as nvz_p1_fd_datasync, prestat_dir_name as nvz_p1_fd_prestat_dir_name,
        prestat_get as nvz_p1_fd_prestat_get, renumber as nvz_p1_fd_renumber,
        sync as nvz_p1_fd_sync,
    };
    pub(super) use crate::p1::fd_io::{
        pread as nvz_p1_fd_pread, pwrite as nvz_p1_fd_pwrite, read as nvz_p1_fd_read,
        seek as nvz_p1_fd_seek, seek_unstable as nvz_p0_fd_seek, tell as nvz_p1_fd_tell,
        write as nvz_p1_fd_write,
    };
    pub(super) use crate::p1::fd_stat::{
        fdstat_get as nvz_p1_fd_fdstat_get, fdstat_set_flags as nvz_p1_fd_fdstat_set_flags,
        fdstat_set_rights as nvz_p1_fd_fdstat_set_rights, filestat_get as nvz_p1_fd_filestat_get,
        filestat_get_unstable as nvz_p0_fd_filestat_get,
        filestat_set_size as nvz_p1_fd_filestat_set_size,
        filestat_set_times as nvz_p1_fd_filestat_set_times,
    };
    pub(super) use crate::p1::path::{
        create_directory as nvz_p1_path_create_directory, link as nvz_p1_path_link,
        readlink as nvz_p1_path_readlink, remove_directory as nvz_p1_path_remove_directory,
        rename as nvz_p1_path_rename, symlink as nvz_p1_path_symlink,
        unlink_file as nvz_p1_path_unlink_file,
    };
    pub(super) use crate::p1::path_open::open as nvz_p1_path_open;
    pub(super) use crate::p1::path_stat::{
        filestat_get as nvz_p1_path_filestat_get,
        filestat_get_unstable as nvz_p0_path_filestat_get,
        filestat_set_times as nvz_p1_path_filestat_set_times,
    };
    pub(super) use crate::p1::poll::{
        oneoff as nvz_p1_poll_oneoff, oneoff_unstable as nvz_p0_poll_oneoff,
    };
    pub(super) use crate::p1::proc::{exit as nvz_p1_proc_exit, raise as nvz_p1_proc_raise};
    pub(super) use crate::p1::random::get as nvz_p1_random_get;
    pub(super) use crate::p1::readdir::readdir as nvz_p1_fd_readdir;
    pub(super) use crate::p1::sched::yield_now as nvz_p1_sched_yield;
    pub(super) use crate::p1::sock::{
        accept as nvz_p1_sock_accept, recv as nvz_p1_sock_recv, send as nvz_p1_sock_send,
        shut_down as nvz_p1_sock_shutdown,
    };
}

/// What a host function returns: 0 or the error's number.
fn status(result: Result<()>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(error) => error.raw(),
    }
}

/// Defines one function. The types of the row become parameters with names from the list at its end, one by one.
macro_rules! define {
    (@ $symbol:ident [$($name:ident: $type:ident,)*] ($next:ident $(, $rest:ident)*) $result:tt $fresh:ident $($names:ident)*) => {
        define! { @ $symbol [$($name: $type,)* $fresh: $next,] ($($rest),*) $result $($names)* }
    };
    (@ $symbol:ident [$($name:ident: $type:ident,)*] () (i32) $($names:ident)*) => {
        #[allow(clippy::too_many_arguments, reason = "the witx declaration")]
        #[cfg_attr(all(feature = "standalone", not(test)), unsafe(no_mangle))]
        extern "C" fn $symbol(memory: *const Memory, $($name: $type),*) -> i32 {
            // SAFETY: compiled code passes the record of the calling instance's memory, or null, and does not run until
            // this returns.
            let mut guest = unsafe { Guest::new(memory) };
            status(implementations::$symbol(&mut guest, $($name.cast_unsigned()),*))
        }
    };
    (@ $symbol:ident [$($name:ident: $type:ident,)*] () () $($names:ident)*) => {
        #[cfg_attr(all(feature = "standalone", not(test)), unsafe(no_mangle))]
        extern "C" fn $symbol(memory: *const Memory, $($name: $type),*) {
            // SAFETY: as above.
            let mut guest = unsafe { Guest::new(memory) };
            implementations::$symbol(&mut guest, $($name.cast_unsigned()),*)
        }
    };
    ($symbol:ident $parameters:tt $result:tt) => {
        define! { @ $symbol [] $parameters $result a b c d e f g h i j }
    };
}

/// `wasi_unstable` defines only what it does not share; what it does share has to have the same type.
macro_rules! export {
    ($($module:tt, $name:tt, $symbol:ident $parameters:tt $(-> $result:ident)?;)*) => {
        $(export! { @ $module $name $symbol $parameters ($($result)?) })*
    };
    (@ "wasi_snapshot_preview1" $name:tt $symbol:ident $parameters:tt $result:tt) => {
        define! { $symbol $parameters $result }
    };
    (@ "wasi" $name:tt $symbol:ident $parameters:tt $result:tt) => {};
    (@ "wasi_unstable" "fd_seek" $symbol:ident $parameters:tt $result:tt) => {
        define! { $symbol $parameters $result }
    };
    (@ "wasi_unstable" "fd_filestat_get" $symbol:ident $parameters:tt $result:tt) => {
        define! { $symbol $parameters $result }
    };
    (@ "wasi_unstable" "path_filestat_get" $symbol:ident $parameters:tt $result:tt) => {
        define! { $symbol $parameters $result }
    };
    (@ "wasi_unstable" "poll_oneoff" $symbol:ident $parameters:tt $result:tt) => {
        define! { $symbol $parameters $result }
    };
    (@ "wasi_unstable" $name:tt $symbol:ident ($($type:ident),*) ($($result:ident)?)) => {
        const _: extern "C" fn(*const Memory, $($type),*) $(-> $result)? = $symbol;
    };
}

for_each_wasi_p1!(export);
