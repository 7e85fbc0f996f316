//! The host functions as a guest calls them, on a temporary directory.

use super::*;
use crate::core::errno::{Errno, Result};
use crate::core::table::{self, Descriptor};
use crate::guest::Guest;
use nativize_abi::program::Memory;
use rustix::fs::{Mode, OFlags};
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The memory of a guest, and a directory that it was granted.
struct World {
    bytes: Vec<u64>,
    root: PathBuf,
    directory: u32,
    _turn: MutexGuard<'static, ()>,
}

/// Descriptors are numbered for the whole process, so that tests which close some take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Where results go, strings and buffers, and iovecs.
const OUT: u32 = 0;
const TEXT: u32 = 0x400;
const OTHER: u32 = 0x800;
const LIST: u32 = 0xc00;
const BUFFER: u32 = 0x1000;
const SIZE: usize = 0x1_0000;

const READ: u64 = 1 << 1;
const WRITE: u64 = 1 << 6;

impl World {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("nativize-p1-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let mut world = World {
            bytes: vec![0; SIZE / 8],
            root,
            directory: 0,
            _turn: TURN.lock().unwrap_or_else(PoisonError::into_inner),
        };
        world.directory = world.grant(false);
        world
    }

    fn grant(&self, read_only: bool) -> u32 {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let host = rustix::fs::open(self.root.to_str().unwrap(), flags, Mode::empty()).unwrap();
        table::insert(host, Descriptor::directory(read_only, Some(b"/granted"))).unwrap()
    }

    fn call<R>(&mut self, f: impl FnOnce(&mut Guest<'_>) -> R) -> R {
        let memory = Memory {
            base: self.bytes.as_mut_ptr().expose_provenance() as u64,
            size: SIZE as u64,
            max: 0,
            page_shift: 16,
            reserved: 0,
        };
        // SAFETY: the record describes `bytes`, which `self` lends exclusively.
        #[allow(unsafe_code, reason = "this is what compiled code does")]
        let mut guest = unsafe { Guest::new(&raw const memory) };
        f(&mut guest)
    }

    /// Puts a string at `at`, and gives it as pointer and length.
    fn put(&mut self, at: u32, text: &str) -> (u32, u32) {
        let len = u32::try_from(text.len()).unwrap();
        self.call(|guest| guest.bytes_mut(at, len).copy_from_slice(text.as_bytes()));
        (at, len)
    }

    fn get(&mut self, at: u32, len: u32) -> Vec<u8> {
        self.call(|guest| guest.bytes(at, len).to_vec())
    }

    fn number(&mut self, at: u32) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().unwrap())
    }

    fn small(&mut self, at: u32) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().unwrap())
    }

    fn path<R>(&mut self, path: &str, f: impl FnOnce(&mut Guest<'_>, u32, u32, u32) -> R) -> R {
        let (at, len) = self.put(TEXT, path);
        let fd = self.directory;
        self.call(|guest| f(guest, fd, at, len))
    }

    fn open(&mut self, path: &str, oflags: u32, rights: u64, fdflags: u32) -> Result<u32> {
        self.path(path, |guest, fd, at, len| {
            path_open::open(guest, fd, 1, at, len, oflags, rights, 0, fdflags, OUT)
        })?;
        Ok(self.small(OUT))
    }

    /// Makes an iovec list of buffers of these lengths, one after another from [`BUFFER`] on.
    fn list(&mut self, lengths: &[u32]) -> u32 {
        let mut at = BUFFER;
        for (index, &len) in (0..).zip(lengths) {
            self.call(|guest| {
                guest.store_u32(LIST + index * 8, at);
                guest.store_u32(LIST + index * 8 + 4, len);
            });
            at += len;
        }
        u32::try_from(lengths.len()).unwrap()
    }

    fn write(&mut self, fd: u32, text: &str) -> Result<u32> {
        let (_, len) = self.put(BUFFER, text);
        let count = self.list(&[len / 2, 0, len - len / 2]);
        self.call(|guest| fd_io::write(guest, fd, LIST, count, OUT))?;
        Ok(self.small(OUT))
    }

    fn read(&mut self, fd: u32, len: u32) -> Result<String> {
        let count = self.list(&[0, len.min(3), len - len.min(3)]);
        self.call(|guest| fd_io::read(guest, fd, LIST, count, OUT))?;
        let read = self.small(OUT);
        Ok(String::from_utf8(self.get(BUFFER, read)).unwrap())
    }

    fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Result<u64> {
        self.call(|guest| fd_io::seek(guest, fd, offset.cast_unsigned(), whence, OUT))?;
        Ok(self.number(OUT))
    }

    fn stat(&mut self, path: &str, follow: u32) -> Result<(u8, u64)> {
        self.path(path, |guest, fd, at, len| {
            path_stat::filestat_get(guest, fd, follow, at, len, OUT)
        })?;
        Ok((self.get(OUT + 16, 1)[0], self.number(OUT + 32)))
    }

    fn list_directory(&mut self, fd: u32, room: u32) -> Vec<(String, u8)> {
        let mut entries = Vec::new();
        let mut cookie = 0;
        loop {
            self.call(|guest| readdir::readdir(guest, fd, BUFFER, room, cookie, OUT))
                .unwrap();
            let used = self.small(OUT);
            let mut at = BUFFER;
            while at + 24 <= BUFFER + used {
                let head = self.get(at, 24);
                let len = u32::from_le_bytes(head[16..20].try_into().unwrap());
                if at + 24 + len > BUFFER + used {
                    break;
                }
                let name = String::from_utf8(self.get(at + 24, len)).unwrap();
                entries.push((name, head[20]));
                cookie = u64::from_le_bytes(head[..8].try_into().unwrap());
                at += 24 + len;
            }
            if used < room {
                return entries;
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

const CREAT: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCL: u32 = 4;
const TRUNC: u32 = 8;

#[test]
fn files_are_written_and_read_back() {
    let mut world = World::new("files");
    let fd = world.open("file", CREAT | EXCL, READ | WRITE, 0).unwrap();
    assert_eq!(world.write(fd, "hello world"), Ok(11));
    assert_eq!(world.seek(fd, -5, 1), Ok(6));
    assert_eq!(world.read(fd, 64), Ok("world".into()));
    assert_eq!(world.read(fd, 64), Ok(String::new()));
    assert_eq!(world.seek(fd, 0, 2), Ok(11));
    assert_eq!(world.seek(fd, -12, 2), Err(Errno::INVAL));
    assert_eq!(world.seek(fd, -1, 0), Err(Errno::INVAL));
    assert_eq!(world.seek(fd, 0, 3), Err(Errno::INVAL));
    let unstable = world.call(|guest| fd_io::seek_unstable(guest, fd, 1, 2, OUT));
    assert_eq!(unstable.map(|()| world.number(OUT)), Ok(1));
    let count = world.list(&[4]);
    let read = world.call(|guest| fd_io::pread(guest, fd, LIST, count, 6, OUT));
    assert_eq!(read, Ok(()));
    assert_eq!(world.get(BUFFER, 4), b"worl");
    world.put(BUFFER, "WORL");
    let wrote = world.call(|guest| fd_io::pwrite(guest, fd, LIST, count, 6, OUT));
    assert_eq!(wrote, Ok(()));
    assert_eq!(world.call(|guest| fd_io::tell(guest, fd, OUT)), Ok(()));
    assert_eq!(world.number(OUT), 1);
    let read = fs::read_to_string(world.root.join("file")).unwrap();
    assert_eq!(read, "hello WORLd");
    assert_eq!(
        world.call(|guest| fd_stat::filestat_set_size(guest, fd, 5)),
        Ok(())
    );
    assert_eq!(world.stat("file", 0), Ok((4, 5)));
    assert_eq!(world.call(|guest| fd::close(guest, fd)), Ok(()));
    assert_eq!(world.call(|guest| fd::close(guest, fd)), Err(Errno::BADF));

    let again = world.open("file", CREAT | EXCL, WRITE, 0);
    assert_eq!(again, Err(Errno::EXIST));
    let fd = world.open("file", 0, WRITE, 1).unwrap();
    assert_eq!(world.write(fd, "!"), Ok(1));
    assert_eq!(world.read(fd, 1), Err(Errno::BADF));
    assert_eq!(world.stat("file", 0), Ok((4, 6)));
    let fd = world.open("file", TRUNC, READ, 0).unwrap();
    assert_eq!(world.read(fd, 1), Ok(String::new()));
    let fd = world.open("file", 0, READ, 0).unwrap();
    assert_eq!(world.write(fd, "!"), Err(Errno::BADF));
}

#[test]
fn what_a_descriptor_is() {
    let mut world = World::new("fdstat");
    let file = world.open("file", CREAT, WRITE, 0b101).unwrap();
    fs::create_dir(world.root.join("sub")).unwrap();
    let sub = world.open("sub", DIRECTORY, READ, 0).unwrap();
    let granted = world.directory;
    let mut fdstat = |fd| {
        world
            .call(|guest| fd_stat::fdstat_get(guest, fd, OUT))
            .unwrap();
        let flags = world.get(OUT + 2, 1)[0];
        (world.get(OUT, 1)[0], flags, world.number(OUT + 8))
    };
    let (kind, flags, rights) = fdstat(file);
    assert_eq!((kind, flags), (4, 0b101));
    assert_eq!(rights & (READ | WRITE), WRITE);
    let (kind, _, rights) = fdstat(sub);
    assert_eq!((kind, rights & (READ | WRITE)), (3, READ));
    assert_eq!(fdstat(granted), (3, 0, 0x07b7_fe00));

    let set = |guest: &mut Guest<'_>, fd, flags| fd_stat::fdstat_set_flags(guest, fd, flags);
    assert_eq!(world.call(|guest| set(guest, file, 0)), Ok(()));
    assert_eq!(table::get(file).unwrap().flags, 0);
    assert_eq!(world.call(|guest| set(guest, file, 16)), Err(Errno::INVAL));
    assert_eq!(world.call(|guest| set(guest, sub, 0)), Err(Errno::BADF));
    assert_eq!(world.call(|guest| set(guest, 1, 0)), Err(Errno::BADF));
    let rights = world.call(|guest| fd_stat::fdstat_set_rights(guest, file, 0, 0));
    assert_eq!(rights, Err(Errno::NOTSUP));
    assert_eq!(world.seek(sub, 0, 0), Err(Errno::BADF));
    assert_eq!(world.seek(1, 0, 0), Err(Errno::SPIPE));

    world
        .call(|guest| fd::prestat_get(guest, granted, OUT))
        .unwrap();
    assert_eq!((world.small(OUT), world.small(OUT + 4)), (0, 8));
    let name = |guest: &mut Guest<'_>, fd, len| fd::prestat_dir_name(guest, fd, TEXT, len);
    let short = world.call(|guest| name(guest, granted, 7));
    assert_eq!(short, Err(Errno::NAMETOOLONG));
    assert_eq!(world.call(|guest| name(guest, granted, 8)), Ok(()));
    assert_eq!(world.get(TEXT, 8), b"/granted");
    assert_eq!(world.call(|guest| name(guest, sub, 8)), Err(Errno::NOTDIR));
    let none = world.call(|guest| fd::prestat_get(guest, sub, OUT));
    assert_eq!(none, Err(Errno::BADF));
}

#[test]
fn directories_are_listed_in_any_portions() {
    let mut world = World::new("readdir");
    let mut expected: Vec<(String, u8)> = vec![(".".into(), 3), ("..".into(), 3)];
    for index in 0..300 {
        let name = format!("file-{index}-{}", "x".repeat(index % 40));
        fs::write(world.root.join(&name), "").unwrap();
        expected.push((name, 4));
    }
    fs::create_dir(world.root.join("sub")).unwrap();
    expected.push(("sub".into(), 3));
    std::os::unix::fs::symlink("sub", world.root.join("link")).unwrap();
    expected.push(("link".into(), 7));
    expected.sort();
    let directory = world.directory;
    for room in [80, 111, 4096, 0x8000] {
        let mut entries = world.list_directory(directory, room);
        assert_eq!(entries[0].0, ".");
        assert_eq!(entries[1].0, "..");
        entries.sort();
        assert_eq!(entries, expected, "{room}");
    }
}

#[test]
fn the_own_file_is_not_opened_for_writing() {
    let mut world = World::new("own");
    fs::write(world.root.join("own"), "code").unwrap();
    fs::hard_link(world.root.join("own"), world.root.join("link")).unwrap();
    fs::write(world.root.join("other"), "").unwrap();
    crate::core::own::set(&rustix::fs::stat(world.root.join("own").to_str().unwrap()).unwrap());
    for name in ["own", "link"] {
        assert_eq!(world.open(name, 0, WRITE, 0), Err(Errno::TXTBSY));
        assert_eq!(world.open(name, 0, READ | WRITE, 0), Err(Errno::TXTBSY));
        assert!(world.open(name, 0, READ, 0).is_ok());
    }
    assert!(world.open("other", 0, WRITE, 0).is_ok());
}

#[test]
fn names_are_created_renamed_and_removed() {
    let mut world = World::new("names");
    let mkdir = |world: &mut World, path: &str| world.path(path, path::create_directory);
    let unlink = |world: &mut World, path: &str| world.path(path, path::unlink_file);
    let rmdir = |world: &mut World, path: &str| world.path(path, path::remove_directory);
    assert_eq!(mkdir(&mut world, "dir/"), Ok(()));
    assert_eq!(mkdir(&mut world, "dir"), Err(Errno::EXIST));
    assert_eq!(mkdir(&mut world, "dir/sub"), Ok(()));
    assert_eq!(mkdir(&mut world, "none/sub"), Err(Errno::NOENT));
    assert_eq!(mkdir(&mut world, "../out"), Err(Errno::PERM));
    assert_eq!(mkdir(&mut world, "/abs"), Err(Errno::PERM));
    assert_eq!(rmdir(&mut world, "dir"), Err(Errno::NOTEMPTY));
    assert_eq!(unlink(&mut world, "dir/sub"), Err(Errno::ISDIR));
    let fd = world.open("dir/file", CREAT, WRITE, 0).unwrap();
    assert_eq!(rmdir(&mut world, "dir/file"), Err(Errno::NOTDIR));
    assert_eq!(unlink(&mut world, "dir/file/"), Err(Errno::NOTDIR));

    let directory = world.directory;
    let symlink = |world: &mut World, target: &str, path: &str| {
        let (target, target_len) = world.put(OTHER, target);
        world.path(path, |guest, fd, at, len| {
            path::symlink(guest, target, target_len, fd, at, len)
        })
    };
    assert_eq!(symlink(&mut world, "dir/file", "link"), Ok(()));
    assert_eq!(symlink(&mut world, "/etc", "abs"), Err(Errno::PERM));
    assert_eq!(symlink(&mut world, "..", "up"), Ok(()));
    assert_eq!(world.stat("link", 0).map(|stat| stat.0), Ok(7));
    assert_eq!(world.stat("link", 1).map(|stat| stat.0), Ok(4));
    assert_eq!(world.stat("link", 2), Err(Errno::INVAL));
    assert_eq!(world.stat("up", 1), Err(Errno::PERM));
    assert_eq!(world.stat("up/x", 0), Err(Errno::PERM));
    let readlink = |world: &mut World, path: &str, room: u32| {
        world.path(path, |guest, fd, at, len| {
            path::readlink(guest, fd, at, len, BUFFER, room, OUT)
        })?;
        let len = world.small(OUT);
        Ok(String::from_utf8(world.get(BUFFER, len)).unwrap())
    };
    assert_eq!(readlink(&mut world, "link", 64), Ok("dir/file".into()));
    assert_eq!(readlink(&mut world, "link", 3), Ok("dir".into()));
    assert_eq!(readlink(&mut world, "link", 0), Ok(String::new()));
    assert_eq!(readlink(&mut world, "dir", 0), Err(Errno::INVAL));

    let rename = |world: &mut World, old: &str, new: &str| {
        let (new, new_len) = world.put(OTHER, new);
        world.path(old, |guest, fd, at, len| {
            path::rename(guest, fd, at, len, directory, new, new_len)
        })
    };
    assert_eq!(rename(&mut world, "dir/file", "moved"), Ok(()));
    assert_eq!(rename(&mut world, "dir/file", "moved"), Err(Errno::NOENT));
    assert_eq!(rename(&mut world, "moved/", "x"), Err(Errno::NOTDIR));
    assert_eq!(rename(&mut world, "moved", "x/"), Err(Errno::NOTDIR));
    assert_eq!(rename(&mut world, "dir/sub/", "sub/"), Ok(()));
    assert_eq!(rename(&mut world, "moved", "../x"), Err(Errno::PERM));
    let link = |world: &mut World, flags, old: &str, new: &str| {
        let (new, new_len) = world.put(OTHER, new);
        world.path(old, |guest, fd, at, len| {
            path::link(guest, fd, flags, at, len, directory, new, new_len)
        })
    };
    assert_eq!(link(&mut world, 0, "moved", "second"), Ok(()));
    assert_eq!(link(&mut world, 1, "moved", "third"), Err(Errno::INVAL));
    assert_eq!(link(&mut world, 0, "dir", "third"), Err(Errno::PERM));
    assert_eq!(link(&mut world, 0, "up/", "third"), Err(Errno::PERM));
    assert_eq!(unlink(&mut world, "moved"), Ok(()));
    assert_eq!(world.write(fd, "kept"), Ok(4));
    assert_eq!(world.stat("second", 0), Ok((4, 4)));
    assert_eq!(rmdir(&mut world, "dir/"), Ok(()));
}

#[test]
fn a_read_only_grant_refuses_every_change() {
    let mut world = World::new("read-only");
    fs::write(world.root.join("file"), "text").unwrap();
    fs::create_dir(world.root.join("sub")).unwrap();
    let writable = world.directory;
    world.directory = world.grant(true);
    let file = world.open("file", 0, READ, 0).unwrap();
    assert_eq!(world.read(file, 9), Ok("text".into()));
    for (oflags, rights) in [(0, WRITE), (CREAT, READ), (TRUNC, READ)] {
        let opened = world.open("file", oflags, rights, 0);
        assert_eq!(opened, Err(Errno::PERM));
    }
    // What is opened through a directory inherits the restriction.
    world.directory = world.open("sub", DIRECTORY, READ, 0).unwrap();
    let refused = Err(Errno::PERM);
    assert_eq!(world.open("new", CREAT, WRITE, 0), Err(Errno::PERM));
    assert_eq!(world.path("x", path::create_directory), refused);
    assert_eq!(world.path("x", path::unlink_file), refused);
    assert_eq!(world.path("x", path::remove_directory), refused);
    let both = |guest: &mut Guest<'_>, from, to, at, len| {
        (
            path::rename(guest, from, at, len, to, at, len),
            path::link(guest, from, 0, at, len, to, at, len),
        )
    };
    let results = world.path("x", |guest, fd, at, len| {
        [
            both(guest, fd, writable, at, len),
            both(guest, writable, fd, at, len),
        ]
    });
    assert_eq!(results, [(refused, refused); 2]);
    let results = world.path("x", |guest, fd, at, len| {
        [
            path::symlink(guest, at, len, fd, at, len),
            path_stat::filestat_set_times(guest, fd, 0, at, len, 0, 0, 2),
            fd_stat::filestat_set_times(guest, fd, 0, 0, 2),
            fd_stat::filestat_set_times(guest, file, 0, 0, 2),
            fd_stat::filestat_set_size(guest, file, 0),
        ]
    });
    assert_eq!(results, [refused; 5]);
}

#[test]
fn times_are_set_with_and_without_links() {
    let mut world = World::new("times");
    fs::write(world.root.join("file"), "").unwrap();
    std::os::unix::fs::symlink("file", world.root.join("link")).unwrap();
    let set = |world: &mut World, follow, path: &str, time| {
        world.path(path, |guest, fd, at, len| {
            path_stat::filestat_set_times(guest, fd, follow, at, len, time, time, 0b101)
        })
    };
    let times = |world: &mut World, path: &str| {
        world.stat(path, 0).unwrap();
        (world.number(OUT + 40), world.number(OUT + 48))
    };
    assert_eq!(set(&mut world, 1, "link", 1_000_000_007), Ok(()));
    assert_eq!(set(&mut world, 0, "link", 5), Ok(()));
    assert_eq!(times(&mut world, "file"), (1_000_000_007, 1_000_000_007));
    // Resolving the link may have accessed it.
    assert_eq!(times(&mut world, "link").1, 5);
    let fd = world.open("file", 0, READ, 0).unwrap();
    let now = world.call(|guest| fd_stat::filestat_set_times(guest, fd, 3, 4, 0b1001));
    assert_eq!(now, Ok(()));
    let (access, modification) = times(&mut world, "file");
    assert_eq!(access, 3);
    assert!(modification > 1_700_000_000_000_000_000);
}

#[test]
fn numbers_of_descriptors_can_be_exchanged() {
    let mut world = World::new("renumber");
    let first = world.open("first", CREAT, WRITE, 0).unwrap();
    let second = world.open("second", CREAT, WRITE, 0).unwrap();
    let renumbered = world.call(|guest| fd::renumber(guest, first, second));
    assert_eq!(renumbered, Ok(()));
    assert_eq!(world.write(second, "text"), Ok(4));
    assert_eq!(world.stat("first", 0), Ok((4, 4)));
    let gone = world.call(|guest| fd::renumber(guest, first, second));
    assert_eq!(gone, Err(Errno::BADF));
}

#[test]
fn pipes_and_sockets() {
    let mut world = World::new("sockets");
    let (a, b) = rustix::net::socketpair(
        rustix::net::AddressFamily::UNIX,
        rustix::net::SocketType::STREAM,
        rustix::net::SocketFlags::CLOEXEC,
        None,
    )
    .unwrap();
    let a = table::insert(a, Descriptor::file(true, true, 0)).unwrap();
    let b = table::insert(b, Descriptor::file(true, true, 0)).unwrap();
    world.put(BUFFER, "message");
    let count = world.list(&[4, 3]);
    let sent = world.call(|guest| sock::send(guest, a, LIST, count, 0, OUT));
    assert_eq!(sent.map(|()| world.small(OUT)), Ok(7));
    let peeked = world.call(|guest| sock::recv(guest, b, LIST, count, 1, OUT, OUT + 4));
    assert_eq!(peeked.map(|()| world.small(OUT)), Ok(7));
    assert_eq!(world.read(b, 100), Ok("message".into()));
    assert_eq!(world.call(|guest| sock::shut_down(guest, a, 2)), Ok(()));
    assert_eq!(world.read(b, 100), Ok(String::new()));
    let none = world.call(|guest| sock::shut_down(guest, a, 0));
    assert_eq!(none, Err(Errno::INVAL));
    let directory = world.directory;
    let not_one = world.call(|guest| sock::shut_down(guest, directory, 1));
    assert_eq!(not_one, Err(Errno::NOTSOCK));
    assert_eq!(world.seek(a, 0, 0), Err(Errno::SPIPE));
    world.call(|guest| fd::close(guest, b)).unwrap();
    // The test harness ignores SIGPIPE, as the runtime does.
    let broken = world.call(|guest| sock::send(guest, a, LIST, count, 0, OUT));
    assert_eq!(broken, Err(Errno::PIPE));
}

#[test]
fn waiting_for_clocks_and_descriptors() {
    let mut world = World::new("poll");
    let file = world.open("file", CREAT, READ | WRITE, 0).unwrap();
    let (input, output) = rustix::pipe::pipe().unwrap();
    let input = table::insert(input, Descriptor::file(true, false, 0)).unwrap();
    let output = table::insert(output, Descriptor::file(false, true, 0)).unwrap();
    let subscribe =
        |world: &mut World, index: u32, tag: u8, number: u32, timeout: u64, absolute| {
            world.call(|guest| {
                let at = BUFFER + index * 48;
                guest.store_u64(at, u64::from(index) + 100);
                guest.bytes_mut(at + 8, 1)[0] = tag;
                guest.store_u32(at + 16, number);
                guest.store_u64(at + 24, timeout);
                guest.store_u16(at + 40, absolute);
            });
        };
    let poll = |world: &mut World, count| {
        world.call(|guest| poll::oneoff(guest, BUFFER, BUFFER + 0x2000, count, OUT))?;
        let events = world.small(OUT);
        Ok((0..events)
            .map(|index| {
                let at = BUFFER + 0x2000 + index * 32;
                let flags = world.number(at + 24);
                (world.number(at) - 100, world.get(at + 10, 1)[0], flags)
            })
            .collect::<Vec<_>>())
    };
    assert_eq!(poll(&mut world, 0), Err(Errno::INVAL));
    subscribe(&mut world, 0, 0, 1, 3_000_000, 0);
    let start = std::time::Instant::now();
    assert_eq!(poll(&mut world, 1), Ok(vec![(0, 0, 0)]));
    assert!(start.elapsed() >= std::time::Duration::from_millis(3));
    subscribe(&mut world, 0, 0, 0, 1, 1);
    assert_eq!(poll(&mut world, 1), Ok(vec![(0, 0, 0)]));

    subscribe(&mut world, 0, 0, 1, 60_000_000_000, 0);
    subscribe(&mut world, 1, 1, input, 0, 0);
    subscribe(&mut world, 2, 2, output, 0, 0);
    subscribe(&mut world, 3, 1, file, 0, 0);
    assert_eq!(poll(&mut world, 4), Ok(vec![(2, 2, 0), (3, 1, 1)]));
    world.write(file, "x").unwrap();
    world.seek(file, 0, 0).unwrap();
    subscribe(&mut world, 0, 0, 1, 60_000_000_000, 0);
    subscribe(&mut world, 1, 1, input, 0, 0);
    subscribe(&mut world, 2, 2, output, 0, 0);
    subscribe(&mut world, 3, 1, file, 0, 0);
    for index in 4..40 {
        subscribe(&mut world, index, 1, input, 0, 0);
    }
    assert_eq!(poll(&mut world, 40), Ok(vec![(2, 2, 0), (3, 1, 0)]));

    subscribe(&mut world, 0, 0, 2, 0, 0);
    assert_eq!(poll(&mut world, 1), Err(Errno::INVAL));
    subscribe(&mut world, 0, 1, 1, 0, 0);
    assert_eq!(poll(&mut world, 1), Err(Errno::BADF));
    subscribe(&mut world, 0, 3, 0, 0, 0);
    assert_eq!(poll(&mut world, 1), Err(Errno::INVAL));
}

#[test]
fn clocks_and_randomness() {
    let mut world = World::new("clocks");
    for id in 0..4 {
        let read = world.call(|guest| clock::time_get(guest, id, 0, OUT));
        assert_eq!(read, Ok(()));
        assert!(world.number(OUT) > 0);
        assert_eq!(world.call(|guest| clock::res_get(guest, id, OUT)), Ok(()));
        assert!(world.number(OUT) > 0);
    }
    let unknown = world.call(|guest| clock::time_get(guest, 4, 0, OUT));
    assert_eq!(unknown, Err(Errno::INVAL));
    let filled = world.call(|guest| random::get(guest, BUFFER, 1000));
    assert_eq!(filled, Ok(()));
    let bytes = world.get(BUFFER, 1000);
    assert!(bytes.iter().any(|&byte| byte != bytes[0]));
}
