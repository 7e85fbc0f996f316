//! Both ways of resolution, on the same directory and with the same expectations.

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// A directory `inside` with files, links and ways out of it, next to a file `secret`.
struct Tree(PathBuf);

impl Tree {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("nativize-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let inside = root.join("inside");
        fs::create_dir_all(inside.join("a/b/c")).unwrap();
        fs::write(root.join("secret"), "secret").unwrap();
        fs::write(inside.join("file"), "file").unwrap();
        fs::write(inside.join("a/b/deep"), "deep").unwrap();
        for (target, link) in [
            ("file", "to-file"),
            ("a/b", "to-b"),
            ("a/b/", "to-b-slash"),
            ("../../file", "a/b/up"),
            ("../secret", "out"),
            ("a/../../secret", "around"),
            ("/etc/passwd", "absolute"),
            ("loop", "loop"),
            ("created", "dangling"),
            ("../to-b/deep", "a/chain"),
            ("..", "a/b/parent"),
        ] {
            symlink(target, inside.join(link)).unwrap();
        }
        for index in 0..45 {
            let target = if index == 0 {
                "file".to_owned()
            } else {
                format!("link{}", index - 1)
            };
            symlink(target, inside.join(format!("link{index}"))).unwrap();
        }
        Tree(root)
    }

    fn open(&self) -> OwnedFd {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        rustix::fs::open(
            self.0.join("inside").to_str().unwrap(),
            flags,
            Mode::empty(),
        )
        .unwrap()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

type Open = fn(BorrowedFd<'_>, &CStr, OFlags, Mode) -> io::Result<OwnedFd>;

const WAYS: [(&str, Open); 2] = [("openat2", open_beneath), ("walk", walk::open)];

fn content(opened: io::Result<OwnedFd>) -> io::Result<String> {
    let mut buffer = [0; 64];
    let len = rustix::io::read(opened?, &mut buffer[..])?;
    Ok(String::from_utf8(buffer[..len].to_vec()).unwrap())
}

#[test]
fn paths_resolve_alike() {
    let tree = Tree::new("resolve");
    let directory = tree.open();
    let read = OFlags::RDONLY | OFlags::CLOEXEC;
    let long = "a/".repeat(300) + "x";
    for (way, open) in WAYS {
        let check = |path: &str, flags: OFlags, expected: io::Result<&str>| {
            let name = std::ffi::CString::new(path).unwrap();
            let got = content(open(directory.as_fd(), &name, flags, Mode::empty()));
            assert_eq!(got, expected.map(str::to_owned), "{way}: {path}");
        };
        for path in [
            "file",
            "./file",
            "a/../file",
            "a/b/c/../../../file",
            "to-file",
            "a/b/up",
            "to-b/up",
            "to-b-slash/up",
            "a//b///up",
            "link30",
            "a/b/parent/../file",
        ] {
            check(path, read, Ok("file"));
        }
        for path in ["a/b/deep", "to-b/deep", "to-b/../b/deep", "a/chain"] {
            check(path, read, Ok("deep"));
        }
        for path in [
            "..",
            "../secret",
            "out",
            "around",
            "a/../../secret",
            "/etc/passwd",
            "/",
            "absolute",
            "to-b/../../../secret",
            "a/b/parent/../..",
        ] {
            check(path, read, Err(io::Errno::XDEV));
        }
        check("loop", read, Err(io::Errno::LOOP));
        check("link44", read, Err(io::Errno::LOOP));
        check("", read, Err(io::Errno::NOENT));
        check("nothing", read, Err(io::Errno::NOENT));
        check("nothing/x", read, Err(io::Errno::NOENT));
        check("dangling", read, Err(io::Errno::NOENT));
        check("file/x", read, Err(io::Errno::NOTDIR));
        check("file/", read, Err(io::Errno::NOTDIR));
        check("file/.", read, Err(io::Errno::NOTDIR));
        check("file/..", read, Err(io::Errno::NOTDIR));
        check("to-file/", read, Err(io::Errno::NOTDIR));
        check(&long, read, Err(io::Errno::NOENT));
        check(&"n".repeat(256), read, Err(io::Errno::NAMETOOLONG));
        check("to-file", read | OFlags::NOFOLLOW, Err(io::Errno::LOOP));
        for path in [".", "a", "a/", "a/.", "a/b/..", "to-b", "to-b/", "to-b/."] {
            check(path, read, Err(io::Errno::ISDIR));
        }
        check("to-b/", read | OFlags::NOFOLLOW, Err(io::Errno::ISDIR));
        check("file", read | OFlags::DIRECTORY, Err(io::Errno::NOTDIR));
    }
}

#[test]
fn files_are_created_inside_only() {
    let directory_of = |tree: &Tree| tree.open();
    for (way, open) in WAYS {
        let tree = Tree::new(&format!("create-{way}"));
        let directory = directory_of(&tree);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC;
        let create = |path: &CStr, more: OFlags| {
            open(directory.as_fd(), path, flags | more, Mode::RWXU).map(|_| ())
        };
        assert_eq!(create(c"dangling", OFlags::empty()), Ok(()), "{way}");
        assert!(tree.0.join("inside/created").exists(), "{way}");
        let exclusive = create(c"to-file", OFlags::EXCL);
        assert_eq!(exclusive, Err(io::Errno::EXIST), "{way}");
        assert_eq!(create(c"new/", OFlags::empty()), Err(io::Errno::ISDIR));
        assert_eq!(create(c"a/..", OFlags::empty()), Err(io::Errno::ISDIR));
        assert_eq!(create(c"../new", OFlags::empty()), Err(io::Errno::XDEV));
        let outside = tree.0.join("inside/outwards");
        symlink("../new", outside).unwrap();
        assert_eq!(create(c"outwards", OFlags::empty()), Err(io::Errno::XDEV));
        assert!(!tree.0.join("new").exists(), "{way}");
    }
}

#[test]
fn metadata_of_links_and_of_what_they_lead_to() {
    let tree = Tree::new("stat");
    let directory = tree.open();
    let mut buffer = super::super::path::PathBuffer::new();
    let mut kind = |path: &str, follow| {
        let mut path = buffer.copy(path.as_bytes()).unwrap();
        stat(directory.as_fd(), &mut path, follow).map(|stat| FileType::from_raw_mode(stat.st_mode))
    };
    assert_eq!(kind("to-b", false), Ok(FileType::Symlink));
    assert_eq!(kind("to-b", true), Ok(FileType::Directory));
    assert_eq!(kind("to-b/", false), Ok(FileType::Symlink));
    assert_eq!(kind("to-b/", true), Ok(FileType::Directory));
    assert_eq!(kind("a/b/up", false), Ok(FileType::Symlink));
    assert_eq!(kind("a/b/up", true), Ok(FileType::RegularFile));
    assert_eq!(kind("out", false), Ok(FileType::Symlink));
    assert_eq!(kind("out", true), Err(Errno::PERM));
    assert_eq!(kind("..", true), Err(Errno::PERM));
    assert_eq!(kind(".", false), Ok(FileType::Directory));
    assert_eq!(kind("", false), Err(Errno::NOENT));
}

#[test]
fn walking_on_procfs_does_not_follow_magic_links() {
    let process = rustix::fs::open("/proc/self", OFlags::DIRECTORY, Mode::empty()).unwrap();
    for path in [c"cwd", c"root/etc", c"exe"] {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let opened = walk::open(process.as_fd(), path, flags, Mode::empty());
        assert_eq!(opened.map(|_| ()), Err(io::Errno::XDEV));
    }
}
