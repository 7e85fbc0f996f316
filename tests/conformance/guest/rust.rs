//! Tests of each function of preview 1, by calls of the standard library where it makes them and by hand elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::wasi::io::AsRawFd;
use std::path::Path;

type Fd = u32;

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn args_get(argv: *mut *mut u8, buffer: *mut u8) -> i32;
    fn args_sizes_get(count: *mut u32, size: *mut u32) -> i32;
    fn environ_get(environ: *mut *mut u8, buffer: *mut u8) -> i32;
    fn environ_sizes_get(count: *mut u32, size: *mut u32) -> i32;
    fn clock_res_get(id: u32, out: *mut u64) -> i32;
    fn clock_time_get(id: u32, precision: u64, out: *mut u64) -> i32;
    fn fd_advise(fd: Fd, offset: u64, len: u64, advice: u32) -> i32;
    fn fd_allocate(fd: Fd, offset: u64, len: u64) -> i32;
    fn fd_close(fd: Fd) -> i32;
    fn fd_datasync(fd: Fd) -> i32;
    fn fd_fdstat_get(fd: Fd, out: *mut [u64; 3]) -> i32;
    fn fd_fdstat_set_flags(fd: Fd, flags: u32) -> i32;
    fn fd_fdstat_set_rights(fd: Fd, base: u64, inheriting: u64) -> i32;
    fn fd_filestat_get(fd: Fd, out: *mut [u64; 8]) -> i32;
    fn fd_filestat_set_size(fd: Fd, size: u64) -> i32;
    fn fd_filestat_set_times(fd: Fd, atim: u64, mtim: u64, flags: u32) -> i32;
    fn fd_pread(fd: Fd, iovs: *const Iovec, count: u32, offset: u64, out: *mut u32) -> i32;
    fn fd_prestat_get(fd: Fd, out: *mut [u32; 2]) -> i32;
    fn fd_prestat_dir_name(fd: Fd, buffer: *mut u8, len: u32) -> i32;
    fn fd_pwrite(fd: Fd, iovs: *const Iovec, count: u32, offset: u64, out: *mut u32) -> i32;
    fn fd_read(fd: Fd, iovs: *const Iovec, count: u32, out: *mut u32) -> i32;
    fn fd_readdir(fd: Fd, buffer: *mut u8, len: u32, cookie: u64, out: *mut u32) -> i32;
    fn fd_renumber(from: Fd, to: Fd) -> i32;
    fn fd_seek(fd: Fd, offset: i64, whence: u32, out: *mut u64) -> i32;
    fn fd_sync(fd: Fd) -> i32;
    fn fd_tell(fd: Fd, out: *mut u64) -> i32;
    fn fd_write(fd: Fd, iovs: *const Iovec, count: u32, out: *mut u32) -> i32;
    fn path_create_directory(fd: Fd, path: *const u8, len: usize) -> i32;
    fn path_filestat_get(
        fd: Fd,
        lookup: u32,
        path: *const u8,
        len: usize,
        out: *mut [u64; 8],
    ) -> i32;
    fn path_filestat_set_times(
        fd: Fd,
        lookup: u32,
        path: *const u8,
        len: usize,
        atim: u64,
        mtim: u64,
        flags: u32,
    ) -> i32;
    fn path_link(
        old: Fd,
        lookup: u32,
        path: *const u8,
        len: usize,
        new: Fd,
        to: *const u8,
        to_len: usize,
    ) -> i32;
    fn path_open(
        fd: Fd,
        lookup: u32,
        path: *const u8,
        len: usize,
        oflags: u32,
        rights: u64,
        inheriting: u64,
        fdflags: u32,
        out: *mut Fd,
    ) -> i32;
    fn path_readlink(
        fd: Fd,
        path: *const u8,
        len: usize,
        buffer: *mut u8,
        room: usize,
        out: *mut u32,
    ) -> i32;
    fn path_remove_directory(fd: Fd, path: *const u8, len: usize) -> i32;
    fn path_rename(
        fd: Fd,
        path: *const u8,
        len: usize,
        new: Fd,
        to: *const u8,
        to_len: usize,
    ) -> i32;
    fn path_symlink(
        target: *const u8,
        target_len: usize,
        fd: Fd,
        path: *const u8,
        len: usize,
    ) -> i32;
    fn path_unlink_file(fd: Fd, path: *const u8, len: usize) -> i32;
    fn poll_oneoff(
        subscriptions: *const [u64; 6],
        events: *mut [u64; 4],
        count: u32,
        out: *mut u32,
    ) -> i32;
    fn proc_raise(signal: u32) -> i32;
    fn sched_yield() -> i32;
    fn random_get(buffer: *mut u8, len: usize) -> i32;
    fn sock_accept(fd: Fd, flags: u32, out: *mut Fd) -> i32;
    fn sock_recv(
        fd: Fd,
        iovs: *const Iovec,
        count: u32,
        flags: u32,
        out: *mut u32,
        out_flags: *mut u16,
    ) -> i32;
    fn sock_send(fd: Fd, iovs: *const Iovec, count: u32, flags: u32, out: *mut u32) -> i32;
    fn sock_shutdown(fd: Fd, how: u32) -> i32;
}

#[repr(C)]
struct Iovec(*mut u8, usize);

const ROOT: Fd = 3;
const OTHER: Fd = 4;

/// Prints a call and the errno that it gave.
macro_rules! call {
    ($function:ident($($argument:expr),*)) => {{
        let errno = unsafe { $function($($argument),*) };
        println!("{}: {errno}", stringify!($function($($argument),*)));
        errno
    }};
}

/// Prints what an operation of the standard library gives.
fn show<T: std::fmt::Debug>(what: &str, result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => {
            println!("{what}: ok");
            Some(value)
        }
        Err(error) => {
            println!(
                "{what}: {:?}, os error {:?}",
                error.kind(),
                error.raw_os_error()
            );
            None
        }
    }
}

fn make(path: &str, content: &str) -> File {
    fs::write(path, content).expect("the directory is granted");
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .expect("it was just made")
}

fn strings(
    get: unsafe extern "C" fn(*mut *mut u8, *mut u8) -> i32,
    sizes: unsafe extern "C" fn(*mut u32, *mut u32) -> i32,
) {
    let (mut count, mut size) = (0, 0);
    call!(sizes(&mut count, &mut size));
    let mut pointers = vec![std::ptr::null_mut(); count as usize];
    let mut buffer = vec![0xa5u8; size as usize + 1];
    call!(get(pointers.as_mut_ptr(), buffer.as_mut_ptr()));
    println!(
        "{count} in {size}: {:?}",
        String::from_utf8_lossy(&buffer[..size as usize])
    );
    println!("after: {:x}", buffer[size as usize]);
    for pointer in pointers {
        println!("{}", pointer as usize - buffer.as_ptr() as usize);
    }
}

fn time(name: &str) {
    let mut stat = [0; 8];
    call!(path_filestat_get(
        ROOT,
        0,
        name.as_ptr(),
        name.len(),
        &mut stat
    ));
    // Following a link is an access to it.
    println!("{}", stat[6]);
}

fn entries(path: &str) {
    let list = match show("read_dir", fs::read_dir(path)) {
        Some(list) => list,
        None => return,
    };
    let mut names: Vec<_> = list
        .map(|entry| {
            entry.map(|entry| {
                (
                    entry.file_name(),
                    entry
                        .file_type()
                        .map(|kind| (kind.is_dir(), kind.is_symlink()))
                        .ok(),
                )
            })
        })
        .collect::<io::Result<_>>()
        .expect("the directory can be read");
    names.sort();
    println!("{names:?}");
}

fn run(test: &str) -> Option<()> {
    let mut word = 0u32;
    let mut long = 0u64;
    match test {
        "args_get" => {
            strings(args_get, args_sizes_get);
            println!("{:?}", std::env::args().collect::<Vec<_>>());
        }
        "args_sizes_get" => {
            let (mut count, mut size) = (0, 0);
            call!(args_sizes_get(&mut count, &mut size));
            let args: Vec<String> = std::env::args().collect();
            println!(
                "{}",
                count as usize == args.len()
                    && size as usize == args.iter().map(|arg| arg.len() + 1).sum()
            );
        }
        "environ_get" => {
            strings(environ_get, environ_sizes_get);
            println!(
                "{:?} {:?}",
                std::env::var("EQUALS"),
                std::env::var("MISSING")
            );
        }
        "environ_sizes_get" => {
            let (mut count, mut size) = (0, 0);
            call!(environ_sizes_get(&mut count, &mut size));
            println!("{count} {size}");
        }
        "clock_res_get" => {
            for id in 0..2 {
                call!(clock_res_get(id, &mut long));
                println!("{}", long > 0 && long < 1_000_000_000);
            }
        }
        "clock_time_get" => {
            for id in 0..2 {
                call!(clock_time_get(id, 1, &mut long));
                println!("{}", long > 0);
            }
            let start = std::time::Instant::now();
            std::thread::sleep(std::time::Duration::from_millis(3));
            println!("{}", start.elapsed().as_millis() >= 3);
            println!("{}", std::time::SystemTime::now() > std::time::UNIX_EPOCH);
        }
        "fd_advise" => {
            let file = make("f", "0123456789");
            for advice in 0..6 {
                call!(fd_advise(file.as_raw_fd() as Fd, 1, 3, advice));
            }
            call!(fd_advise(ROOT, 0, 0, 0));
            call!(fd_advise(1, 0, 0, 0));
            call!(fd_advise(77, 0, 0, 0));
        }
        "fd_allocate" => {
            call!(fd_allocate(ROOT, 0, 1));
            call!(fd_allocate(0, 0, 1));
            call!(fd_allocate(77, 0, 1));
        }
        "fd_close" => {
            let file = make("f", "x");
            let fd = file.as_raw_fd() as Fd;
            std::mem::forget(file);
            call!(fd_close(fd));
            call!(fd_close(fd));
            call!(fd_close(OTHER));
            show("a closed grant", File::open("/other/x"));
            println!("{}", make("g", "y").as_raw_fd() as Fd == OTHER);
        }
        "fd_datasync" => {
            let mut file = make("f", "x");
            show("write", file.write_all(b"abc"));
            show("sync_data", file.sync_data());
            call!(fd_datasync(0));
            call!(fd_datasync(77));
        }
        "fd_fdstat_get" => {
            let mut stat = [0; 3];
            for path in ["f", "g"] {
                let file = make(path, "x");
                call!(fd_fdstat_get(file.as_raw_fd() as Fd, &mut stat));
                println!("{:x?}", [stat[0] & 0xffff_00ff, stat[1], stat[2]]);
            }
            for fd in [0, 1, 2, 3, 77] {
                stat = [0; 3];
                call!(fd_fdstat_get(fd, &mut stat));
                println!("{stat:x?}");
            }
        }
        "fd_fdstat_set_flags" => {
            let mut file = make("f", "0123");
            call!(fd_fdstat_set_flags(file.as_raw_fd() as Fd, 1));
            show("append", file.write_all(b"end"));
            call!(fd_fdstat_set_flags(file.as_raw_fd() as Fd, 0));
            show("seek", file.seek(SeekFrom::Start(1)));
            show("overwrite", file.write_all(b"X"));
            call!(fd_fdstat_set_flags(file.as_raw_fd() as Fd, 2));
            call!(fd_fdstat_set_flags(1, 0));
            call!(fd_fdstat_set_flags(ROOT, 0));
        }
        "fd_fdstat_set_rights" => {
            let file = make("f", "x");
            call!(fd_fdstat_set_rights(file.as_raw_fd() as Fd, 2, 0));
            call!(fd_fdstat_set_rights(1, 0, 0));
            call!(fd_fdstat_set_rights(77, 0, 0));
        }
        "fd_filestat_get" => {
            let file = make("f", "four");
            let metadata = show("metadata", file.metadata())?;
            println!(
                "{} {} {}",
                metadata.len(),
                metadata.is_file(),
                metadata.modified().is_ok()
            );
            let mut stat = [0; 8];
            for fd in [0, 1, 77] {
                call!(fd_filestat_get(fd, &mut stat));
                println!("{stat:x?}");
            }
        }
        "fd_filestat_set_size" => {
            let file = make("f", "0123456789");
            show("longer", file.set_len(12));
            show("shorter", file.set_len(3));
            show("too long", file.set_len(u64::MAX));
            show(
                "read-only",
                File::open("f").and_then(|file| file.set_len(1)),
            );
            call!(fd_filestat_set_size(1, 0));
            call!(fd_filestat_set_size(ROOT, 0));
        }
        "fd_filestat_set_times" => {
            let file = make("f", "x");
            let fd = file.as_raw_fd() as Fd;
            call!(fd_filestat_set_times(fd, 1_000_000_007, 2_000_000_009, 5));
            time("f");
            call!(fd_filestat_set_times(fd, 3_000_000_007, 4_000_000_009, 4));
            time("f");
            call!(fd_filestat_set_times(fd, 0, 0, 3));
            call!(fd_filestat_set_times(fd, 0, 0, 12));
            call!(fd_filestat_set_times(1, 0, 0, 5));
        }
        "fd_pread" => {
            let file = make("f", "0123456789");
            let mut bytes = [0xa5u8; 8];
            let iov = Iovec(bytes.as_mut_ptr(), 6);
            for offset in [0, 7, 10, 100] {
                call!(fd_pread(file.as_raw_fd() as Fd, &iov, 1, offset, &mut word));
                println!("{word} {bytes:?}");
            }
            call!(fd_pread(0, &iov, 1, 0, &mut word));
            call!(fd_pread(ROOT, &iov, 1, 0, &mut word));
        }
        "fd_prestat_get" => {
            for fd in 0..6 {
                let mut prestat = [0; 2];
                call!(fd_prestat_get(fd, &mut prestat));
                println!("{prestat:?}");
            }
        }
        "fd_prestat_dir_name" => {
            for fd in 0..6 {
                let mut name = [0xa5; 8];
                call!(fd_prestat_dir_name(fd, name.as_mut_ptr(), 6));
                println!("{name:x?}");
            }
        }
        "fd_pwrite" => {
            let file = make("f", "0123456789");
            let iov = Iovec("abc".as_ptr() as *mut u8, 3);
            for offset in [0, 9, 20] {
                call!(fd_pwrite(
                    file.as_raw_fd() as Fd,
                    &iov,
                    1,
                    offset,
                    &mut word
                ));
                println!("{word}");
            }
            call!(fd_pwrite(1, &iov, 1, 0, &mut word));
            call!(fd_pwrite(0, &iov, 1, 0, &mut word));
        }
        "fd_read" => {
            let mut input = String::new();
            show("standard input", io::stdin().read_to_string(&mut input));
            println!("{input}");
            let mut file = make("f", "first second");
            let mut bytes = [0; 5];
            show("exact", file.read_exact(&mut bytes));
            println!("{bytes:?}");
            let mut rest = Vec::new();
            show("rest", file.read_to_end(&mut rest));
            println!("{rest:?}");
            show(
                "directory",
                File::open("/").and_then(|mut file| file.read(&mut bytes)),
            );
            show(
                "write-only",
                OpenOptions::new()
                    .write(true)
                    .open("f")
                    .and_then(|mut file| file.read(&mut bytes)),
            );
            let iov = Iovec(bytes.as_mut_ptr(), 5);
            call!(fd_read(1, &iov, 1, &mut word));
        }
        "fd_readdir" => {
            fs::create_dir("d").ok()?;
            for index in 0..40 {
                make(&format!("d/{index}-{}", "n".repeat(index * 5)), "");
            }
            call!(path_symlink("0-".as_ptr(), 2, ROOT, "d/link".as_ptr(), 6));
            entries("d");
            entries("f");
            let mut buffer = [0; 64];
            call!(fd_readdir(1, buffer.as_mut_ptr(), 64, 0, &mut word));
            call!(fd_readdir(77, buffer.as_mut_ptr(), 64, 0, &mut word));
            let dir = File::open("d").ok()?;
            call!(fd_readdir(
                dir.as_raw_fd() as Fd,
                buffer.as_mut_ptr(),
                0,
                0,
                &mut word
            ));
            println!("{word}");
        }
        "fd_renumber" => {
            let (mut a, b) = (make("f", "of f"), make("g", "of g"));
            call!(fd_renumber(b.as_raw_fd() as Fd, a.as_raw_fd() as Fd));
            let mut text = String::new();
            show("read", a.read_to_string(&mut text));
            println!("{text}");
            show("freed", b.metadata());
            call!(fd_renumber(77, 1));
            call!(fd_renumber(1, 77));
            call!(fd_renumber(1, 1));
        }
        "fd_seek" => {
            let mut file = make("f", "0123456789");
            for to in [
                SeekFrom::Start(3),
                SeekFrom::Current(4),
                SeekFrom::Current(-8),
                SeekFrom::End(-2),
                SeekFrom::End(5),
            ] {
                println!("{:?}", show("seek", file.seek(to)));
            }
            call!(fd_seek(1, 0, 0, &mut long));
            call!(fd_seek(ROOT, 0, 0, &mut long));
            call!(fd_seek(77, 0, 0, &mut long));
        }
        "fd_sync" => {
            let mut file = make("f", "x");
            show("write", file.write_all(b"abc"));
            show("sync_all", file.sync_all());
            call!(fd_sync(1));
            call!(fd_sync(77));
        }
        "fd_tell" => {
            let mut file = make("f", "0123456789");
            show("seek", file.seek(SeekFrom::Start(4)));
            call!(fd_tell(file.as_raw_fd() as Fd, &mut long));
            println!("{long}");
            call!(fd_tell(0, &mut long));
            call!(fd_tell(ROOT, &mut long));
        }
        "fd_write" => {
            let mut file = make("f", "0123456789");
            show("write", file.write_all(b"abc"));
            show(
                "append",
                OpenOptions::new()
                    .append(true)
                    .open("f")
                    .and_then(|mut file| file.write_all(b"end")),
            );
            show(
                "read-only",
                File::open("f").and_then(|mut file| file.write(b"x")),
            );
            let iov = Iovec("x".as_ptr() as *mut u8, 1);
            call!(fd_write(0, &iov, 1, &mut word));
            call!(fd_write(ROOT, &iov, 1, &mut word));
            eprintln!("to standard error");
        }
        "path_create_directory" => {
            show("new", fs::create_dir("d"));
            show("again", fs::create_dir("d"));
            show("all", fs::create_dir_all("a/b/c"));
            show("without parent", fs::create_dir("x/y"));
            call!(path_create_directory(ROOT, "../x".as_ptr(), 4));
            call!(path_create_directory(77, "x".as_ptr(), 1));
        }
        "path_filestat_get" => {
            make("f", "four");
            call!(path_symlink("f".as_ptr(), 1, ROOT, "l".as_ptr(), 1));
            for path in ["f", "l", "absolute", "missing", "f/x", ".", "../file"] {
                println!(
                    "{path} {:?}",
                    show("metadata", fs::metadata(path))
                        .map(|found| (found.is_file(), found.is_dir()))
                );
                println!(
                    "{path} {:?}",
                    show("symlink_metadata", fs::symlink_metadata(path))
                        .map(|found| found.file_type().is_symlink())
                );
            }
        }
        "path_filestat_set_times" => {
            make("f", "x");
            call!(path_symlink("f".as_ptr(), 1, ROOT, "l".as_ptr(), 1));
            call!(path_filestat_set_times(
                ROOT,
                0,
                "l".as_ptr(),
                1,
                1_000_000_001,
                2_000_000_002,
                5
            ));
            call!(path_filestat_set_times(
                ROOT,
                1,
                "l".as_ptr(),
                1,
                3_000_000_003,
                4_000_000_004,
                5
            ));
            time("l");
            time("f");
            call!(path_filestat_set_times(
                ROOT,
                1,
                "absolute".as_ptr(),
                8,
                1,
                1,
                5
            ));
            call!(path_filestat_set_times(
                ROOT,
                0,
                "missing".as_ptr(),
                7,
                1,
                1,
                5
            ));
        }
        "path_link" => {
            make("f", "x");
            show("hard_link", fs::hard_link("f", "g"));
            show("again", fs::hard_link("f", "g"));
            show("missing", fs::hard_link("missing", "h"));
            show("elsewhere", fs::hard_link("f", "/other/f"));
            call!(path_link(ROOT, 0, "..".as_ptr(), 2, ROOT, "x".as_ptr(), 1));
            call!(path_link(
                ROOT,
                0,
                "../file".as_ptr(),
                7,
                ROOT,
                "x".as_ptr(),
                1
            ));
        }
        "path_open" => {
            show("missing", File::open("missing"));
            show(
                "create_new",
                OpenOptions::new().write(true).create_new(true).open("f"),
            );
            show(
                "again",
                OpenOptions::new().write(true).create_new(true).open("f"),
            );
            show("truncate", File::create("f"));
            show("absolute", File::open("absolute"));
            show(
                "directory to write",
                OpenOptions::new().write(true).open("/"),
            );
            let mut fd = 0;
            call!(path_open(ROOT, 1, "..".as_ptr(), 2, 2, 2, 0, 0, &mut fd));
            call!(path_open(ROOT, 1, "f".as_ptr(), 1, 2, 2, 0, 0, &mut fd));
            call!(path_open(77, 1, "f".as_ptr(), 1, 0, 2, 0, 0, &mut fd));
        }
        "path_readlink" => {
            call!(path_symlink("a/b/../c".as_ptr(), 8, ROOT, "l".as_ptr(), 1));
            println!("{:?}", show("read_link", fs::read_link("l")));
            show("absolute", fs::read_link("absolute"));
            show("missing", fs::read_link("missing"));
            let mut buffer = [0xa5; 8];
            call!(path_readlink(
                ROOT,
                "l".as_ptr(),
                1,
                buffer.as_mut_ptr(),
                3,
                &mut word
            ));
            println!("{word} {buffer:x?}");
        }
        "path_remove_directory" => {
            fs::create_dir_all("a/b").ok()?;
            make("f", "x");
            show("not empty", fs::remove_dir("a"));
            show("inner", fs::remove_dir("a/b"));
            show("a file", fs::remove_dir("f"));
            show("all", fs::remove_dir_all("a"));
            call!(path_remove_directory(ROOT, ".".as_ptr(), 1));
            call!(path_remove_directory(ROOT, "..".as_ptr(), 2));
        }
        "path_rename" => {
            make("f", "of f");
            make("g", "of g");
            fs::create_dir("d").ok()?;
            show("over a file", fs::rename("f", "g"));
            show("into a directory", fs::rename("g", "d/g"));
            show("a directory", fs::rename("d", "e"));
            show("between grants", fs::rename("e/g", "/other/g"));
            show("missing", fs::rename("missing", "x"));
            call!(path_rename(ROOT, "e".as_ptr(), 1, ROOT, "../e".as_ptr(), 4));
            println!("{}", Path::new("/other/g").exists());
        }
        "path_symlink" => {
            call!(path_symlink("target".as_ptr(), 6, ROOT, "l".as_ptr(), 1));
            call!(path_symlink("target".as_ptr(), 6, ROOT, "l".as_ptr(), 1));
            call!(path_symlink("/etc".as_ptr(), 4, ROOT, "m".as_ptr(), 1));
            call!(path_symlink("../../etc".as_ptr(), 9, ROOT, "n".as_ptr(), 1));
            show("through it", fs::read("n/passwd"));
            call!(path_symlink("".as_ptr(), 0, ROOT, "o".as_ptr(), 1));
        }
        "path_unlink_file" => {
            make("f", "x");
            fs::create_dir("d").ok()?;
            show("file", fs::remove_file("f"));
            show("again", fs::remove_file("f"));
            show("directory", fs::remove_file("d"));
            show("link", fs::remove_file("absolute"));
            call!(path_unlink_file(ROOT, "../file".as_ptr(), 7));
        }
        "poll_oneoff" => {
            let file = make("f", "x");
            let mut events = [[0; 4]; 2];
            let clock = |timeout| [7, 0, 1, timeout, 0, 0];
            let read = |fd: Fd| [8, 1, u64::from(fd), 0, 0, 0];
            call!(poll_oneoff(
                [clock(1_000_000), clock(3_600_000_000_000)].as_ptr(),
                events.as_mut_ptr(),
                2,
                &mut word
            ));
            println!("{word} {:x?}", &events[..word as usize]);
            events = [[0; 4]; 2];
            call!(poll_oneoff(
                [read(file.as_raw_fd() as Fd), clock(3_600_000_000_000)].as_ptr(),
                events.as_mut_ptr(),
                2,
                &mut word
            ));
            println!("{word} {:x?}", &events[..word as usize]);
            call!(poll_oneoff(
                [read(77), clock(0)].as_ptr(),
                events.as_mut_ptr(),
                2,
                &mut word
            ));
            call!(poll_oneoff(
                [read(77)].as_ptr(),
                events.as_mut_ptr(),
                0,
                &mut word
            ));
        }
        "proc_exit" => {
            println!("before");
            std::process::exit(71);
        }
        "proc_raise" => {
            call!(proc_raise(0));
            call!(proc_raise(9));
            call!(proc_raise(15));
        }
        "sched_yield" => {
            call!(sched_yield());
            std::thread::yield_now();
        }
        "random_get" => {
            let mut bytes = [0; 64];
            call!(random_get(bytes.as_mut_ptr(), 64));
            println!("{}", bytes.iter().any(|&byte| byte != 0));
            call!(random_get(bytes.as_mut_ptr(), 0));
            // The standard library draws its seeds.
            let map: std::collections::HashMap<u32, u32> =
                (0..10).map(|number| (number, number)).collect();
            println!("{}", map.len());
        }
        "sock_accept" => {
            for fd in [0, 1, 3, 77] {
                call!(sock_accept(fd, 0, &mut word));
            }
        }
        "sock_recv" => {
            let mut flags = 0;
            let iov = Iovec([0u8; 4].as_mut_ptr(), 4);
            for fd in [0, 1, 3, 77] {
                call!(sock_recv(fd, &iov, 1, 0, &mut word, &mut flags));
            }
        }
        "sock_send" => {
            let iov = Iovec("x".as_ptr() as *mut u8, 1);
            for fd in [0, 1, 3, 77] {
                call!(sock_send(fd, &iov, 1, 0, &mut word));
            }
        }
        "sock_shutdown" => {
            for fd in [0, 1, 3, 77] {
                call!(sock_shutdown(fd, 3));
            }
        }
        _ => return None,
    }
    Some(())
}

fn main() {
    let test = std::env::args().nth(1).expect("the name of a test");
    if run(&test).is_none() {
        println!("no such test, or it could not be prepared");
        std::process::exit(1);
    }
}
