//! The attempts to leave what is granted.
//!
//! The program is granted `grant` as 3, `ro` (read-only) as 4, `second` as 5 and `/proc` (read-only) as 6; what it opens
//! gets the numbers from 7 on. `{root}` stands for the host's directory that holds all of them, and `outside`. Commands
//! are those of `guest.c`:
//!
//! ```text
//! open|FD|PATH|LOOKUP|OFLAGS|RIGHTS|FDFLAGS    lookup 1 follows; oflags 1 create 2 directory 4 exclusive 8 truncate;
//!                                              rights 2 read 64 write
//! ```

/// A name and the commands of an attempt.
pub(crate) type Attempt = (&'static str, &'static [&'static str]);

pub(crate) const ATTEMPTS: &[Attempt] = &[
    // Dot-dot.
    ("dot-dot file", &["open|3|../outside/secretname|1|0|2"]),
    ("dot-dot to write", &["open|3|../outside/secretname|1|0|64"]),
    (
        "dot-dot to truncate",
        &["open|3|../outside/secretname|1|8|64"],
    ),
    (
        "dot-dot to truncate, rights to read",
        &["open|3|../outside/secretname|1|8|2"],
    ),
    ("dot-dot to create", &["open|3|../outside/new|1|1|64"]),
    (
        "dot-dot to create exclusively",
        &["open|3|../outside/new|0|5|64"],
    ),
    (
        "dot-dot directory",
        &[
            "open|3|..|1|2|2",
            "open|3|../|1|2|2",
            "open|3|../outside|1|2|2",
        ],
    ),
    (
        "dot-dot behind a directory",
        &["open|3|dir/../../outside/secretname|1|0|2"],
    ),
    (
        "dot-dot many times",
        &["open|3|../../../../../../../../etc/passwd|1|0|2"],
    ),
    (
        "dot-dot behind dots and slashes",
        &["open|3|.//./dir/.//..//../outside/secretname|1|0|2"],
    ),
    (
        "dot-dot behind nothing",
        &["open|3|missing/../../outside/secretname|1|0|2"],
    ),
    (
        "dot-dot behind a file",
        &["open|3|file/../../outside/secretname|1|0|2"],
    ),
    (
        "dot-dot in an opened directory",
        &[
            "open|3|dir|0|2|2",
            "open|7|../file|1|0|2",
            "open|7|..|1|2|2",
        ],
    ),
    (
        "dot-dot and back in",
        &[
            "open|3|../grant/file|1|0|2",
            "open|3|../grant/../outside/secretname|1|0|2",
        ],
    ),
    (
        "a sibling with the same beginning",
        &["open|3|../grant2/file|1|0|2"],
    ),
    (
        "from one grant to another",
        &["open|3|../ro/file|1|0|64", "open|5|../grant/file|1|0|64"],
    ),
    (
        "stat",
        &[
            "stat|3|../outside/secretname|0",
            "stat|3|../outside/secretname|1",
            "stat|3|..|1",
        ],
    ),
    (
        "stat through links",
        &[
            "stat|3|up|1",
            "stat|3|absolute|1",
            "stat|3|updir/secretname|0",
        ],
    ),
    (
        "set times",
        &[
            "times|3|../outside/secretname|0",
            "times|3|up|1",
            "times|3|absolute|1",
            "times|3|updir|1",
        ],
    ),
    (
        "set times through a directory link",
        &["times|3|updir/secretname|0", "times|3|absdir/secretname|1"],
    ),
    (
        "make a directory",
        &[
            "mkdir|3|../outside/new",
            "mkdir|3|updir/new",
            "mkdir|3|absdir/new",
            "mkdir|3|../new",
        ],
    ),
    (
        "remove a directory",
        &[
            "rmdir|3|../outside/empty",
            "rmdir|3|updir/empty",
            "rmdir|3|updir/empty/",
            "rmdir|3|absdir/empty",
        ],
    ),
    (
        "remove the grant itself",
        &["rmdir|3|.", "rmdir|3|../second", "rmdir|3|dir/../../second"],
    ),
    (
        "remove a file",
        &[
            "unlink|3|../outside/secretname",
            "unlink|3|updir/secretname",
            "unlink|3|absdir/secretname",
        ],
    ),
    (
        "read a link",
        &[
            "readlink|3|../outside/link",
            "readlink|3|updir/link",
            "readlink|3|absolute",
        ],
    ),
    (
        "rename out",
        &[
            "rename|3|file|3|../outside/new",
            "rename|3|file|3|updir/new",
            "rename|3|file|3|absdir/new",
        ],
    ),
    (
        "rename in",
        &[
            "rename|3|../outside/secretname|3|new",
            "rename|3|updir/secretname|3|new",
            "open|3|new|1|0|2",
        ],
    ),
    (
        "rename a directory out",
        &["rename|3|dir|3|../outside/dir", "rename|3|dir|3|updir/dir"],
    ),
    (
        "rename over",
        &[
            "rename|3|file|3|../outside/secretname",
            "rename|3|file|3|updir/secretname",
        ],
    ),
    (
        "hard link in",
        &["link|3|../outside/secretname|0|3|new", "open|3|new|1|0|2"],
    ),
    (
        "hard link in, links followed",
        &[
            "link|3|up|1|3|new",
            "link|3|absolute|1|3|new",
            "open|3|new|0|0|2",
        ],
    ),
    (
        "hard link through a directory link",
        &[
            "link|3|updir/secretname|0|3|new",
            "link|3|absdir/secretname|0|3|new",
            "open|3|new|1|0|2",
        ],
    ),
    (
        "hard link out",
        &[
            "link|3|file|0|3|../outside/new",
            "link|3|file|0|3|updir/new",
        ],
    ),
    (
        "hard link of a link",
        &["link|3|up|0|3|new", "open|3|new|1|0|2"],
    ),
    (
        "symbolic link out",
        &[
            "symlink|file|3|../outside/new",
            "symlink|file|3|updir/new",
            "symlink|file|3|absdir/new",
        ],
    ),
    // Links.
    (
        "link up",
        &["open|3|up|1|0|2", "open|3|up|1|0|64", "open|3|up|1|8|64"],
    ),
    (
        "link up to a directory",
        &[
            "open|3|updir|1|2|2",
            "open|3|updir/|0|2|2",
            "open|3|updir/secretname|0|0|2",
        ],
    ),
    (
        "link to an absolute path",
        &["open|3|absolute|1|0|2", "open|3|absolute|1|8|64"],
    ),
    (
        "link to an absolute directory",
        &[
            "open|3|absdir|1|2|2",
            "open|3|absdir/secretname|0|0|2",
            "open|3|absdir/|0|2|2",
        ],
    ),
    (
        "link to the root",
        &[
            "open|3|root|1|2|2",
            "open|3|root/etc/passwd|0|0|2",
            "open|3|root/{root}/outside/secretname|0|0|2",
        ],
    ),
    (
        "link by way of a directory",
        &["open|3|upup/secretname|0|0|2", "open|3|upup|1|2|2"],
    ),
    (
        "chain of links",
        &["open|3|chain/secretname|0|0|2", "open|3|chain|1|2|2"],
    ),
    (
        "dangling link, to create",
        &[
            "open|3|dangling|1|1|64",
            "open|3|dangling|1|5|64",
            "open|3|dangling|0|1|64",
        ],
    ),
    (
        "dangling absolute link, to create",
        &["open|3|danglingabs|1|1|64", "open|3|danglingabs|1|9|64"],
    ),
    (
        "make a directory through a dangling link",
        &["mkdir|3|dangling", "mkdir|3|dangling/"],
    ),
    (
        "links of the program's own",
        &[
            "symlink|../outside/secretname|3|own",
            "open|3|own|1|0|2",
            "stat|3|own|1",
        ],
    ),
    (
        "absolute links of the program's own",
        &[
            "symlink|{root}/outside/secretname|3|own",
            "open|3|own|1|0|2",
        ],
    ),
    (
        "links in a directory of the program's own",
        &[
            "mkdir|3|a",
            "mkdir|3|a/b",
            "symlink|../../../outside|3|a/b/own",
            "open|3|a/b/own/secretname|1|0|2",
        ],
    ),
    (
        "link moved so that it leads out",
        &[
            "mkdir|3|a",
            "symlink|../ro|3|a/own",
            "rename|3|a/own|3|own",
            "open|3|own/file|1|0|64",
        ],
    ),
    (
        "directory moved while open",
        &[
            "mkdir|3|a",
            "mkdir|3|a/b",
            "open|3|a/b|0|2|2",
            "rename|3|a/b|3|b",
            "open|7|../../outside/secretname|1|0|2",
        ],
    ),
    (
        "directory moved to another grant while open",
        &[
            "mkdir|3|a",
            "open|3|a|0|2|2",
            "rename|3|a|5|a",
            "open|7|../updir/secretname|1|0|2",
            "open|7|../file|1|0|2",
        ],
    ),
    (
        "directory removed while open",
        &[
            "mkdir|3|a",
            "open|3|a|0|2|2",
            "rmdir|3|a",
            "open|7|../../outside/secretname|1|0|2",
            "mkdir|7|b",
            "open|7|..|1|2|2",
        ],
    ),
    (
        "trailing slash on a link",
        &[
            "open|3|up/|1|0|2",
            "open|3|absolute/|1|0|2",
            "open|3|absdir/|1|2|2",
            "list|7",
        ],
    ),
    (
        "trailing dot on a link",
        &["open|3|updir/.|0|2|2", "open|3|absdir/.|0|2|2", "list|7"],
    ),
    (
        "trailing dot-dot on a link",
        &["open|3|updir/..|0|2|2", "open|3|absdir/..|0|2|2"],
    ),
    // Absolute paths.
    (
        "absolute file",
        &[
            "open|3|{root}/outside/secretname|1|0|2",
            "open|3|/etc/passwd|1|0|2",
            "open|3|//etc/passwd|1|0|2",
        ],
    ),
    (
        "absolute to everything",
        &[
            "stat|3|/|1",
            "mkdir|3|{root}/outside/new",
            "unlink|3|{root}/outside/secretname",
            "times|3|{root}/outside/secretname|1",
        ],
    ),
    (
        "absolute rename and link",
        &[
            "rename|3|{root}/outside/secretname|3|new",
            "link|3|{root}/outside/secretname|0|3|new",
            "symlink|x|3|{root}/outside/new",
        ],
    ),
    (
        "absolute into the grant",
        &["open|3|{root}/grant/file|1|0|64"],
    ),
    // The kernel's own ways.
    (
        "/proc/self/root by a link",
        &["open|3|proc/secretname|1|0|2", "open|3|proc|1|2|2"],
    ),
    (
        "/proc/self/fd by a link",
        &[
            "open|3|procfd/secretname|1|0|2",
            "open|3|procfds/3/../outside/secretname|1|0|2",
        ],
    ),
    (
        "/proc/self/cwd and exe by a link",
        &[
            "open|3|cwd/outside/secretname|1|0|2",
            "open|3|exe|1|0|2",
            "open|3|exe|1|8|64",
        ],
    ),
    (
        "devices by a link",
        &["open|3|dev|1|0|2", "open|3|dev|1|0|64"],
    ),
    (
        "magic links of a granted /proc: root",
        &[
            "open|6|self/root{root}/outside/secretname|1|0|2",
            "open|6|self/root|1|2|2",
            "open|6|1/root/etc/passwd|1|0|2",
        ],
    ),
    (
        "magic links of a granted /proc: cwd",
        &[
            "open|6|self/cwd/outside/secretname|1|0|2",
            "open|6|self/cwd|1|2|2",
            "open|6|thread-self/cwd/outside/secretname|1|0|2",
        ],
    ),
    (
        "magic links of a granted /proc: fd",
        &[
            "open|6|self/fd/3|1|2|2",
            "open|6|self/fd/3/../outside/secretname|1|0|2",
            "open|6|self/fd/0|1|0|2",
        ],
    ),
    (
        "magic links of a granted /proc: exe",
        &["open|6|self/exe|1|0|2", "stat|6|self/exe|1"],
    ),
    (
        "magic links of a granted /proc: hard link",
        &[
            "link|6|self/fd/3|1|3|new",
            "link|6|self/fd/3|0|3|new",
            "link|6|self/exe|0|3|new",
        ],
    ),
    (
        "magic links of a granted /proc: write",
        &[
            "open|6|self/mem|0|0|64",
            "open|6|self/oom_score_adj|0|0|64",
            "open|6|self/oom_score_adj|0|8|2",
        ],
    ),
    // What is read-only.
    (
        "read-only: open to write",
        &[
            "open|4|file|1|0|64",
            "open|4|file|1|0|66",
            "open|4|dir/in|1|0|64",
        ],
    ),
    (
        "read-only: truncate",
        &[
            "open|4|file|1|8|64",
            "open|4|file|1|8|2",
            "open|4|file|1|8|0",
            "open|4|file|1|9|2",
        ],
    ),
    (
        "read-only: create",
        &[
            "open|4|new|1|1|2",
            "open|4|new|1|1|64",
            "open|4|file|1|1|0",
            "open|4|new|0|5|0",
        ],
    ),
    (
        "read-only: append",
        &[
            "open|4|file|1|0|64|1",
            "open|4|file|1|0|2|1",
            "write|7|PWNED",
            "append|7|1",
            "write|7|PWNED",
        ],
    ),
    (
        "read-only: through an opened file",
        &[
            "open|4|file|1|0|2",
            "write|7|PWNED",
            "size|7|0",
            "size|7|9999",
            "allocate|7|99999",
            "fdtimes|7",
        ],
    ),
    (
        "read-only: through an opened directory",
        &[
            "open|4|dir|1|2|2",
            "open|7|in|1|0|64",
            "open|7|new|1|1|64",
            "mkdir|7|new",
            "unlink|7|in",
            "fdtimes|7",
        ],
    ),
    (
        "read-only: times",
        &[
            "times|4|file|0",
            "times|4|file|1",
            "times|4|link|0",
            "times|4|dir|0",
            "times|4|.|0",
            "fdtimes|4",
        ],
    ),
    (
        "read-only: names",
        &[
            "mkdir|4|new",
            "rmdir|4|empty",
            "unlink|4|file",
            "symlink|x|4|new",
            "unlink|4|link",
        ],
    ),
    (
        "read-only: rename",
        &[
            "rename|4|file|4|new",
            "rename|4|file|3|new",
            "rename|3|file|4|new",
            "rename|3|file|4|file",
            "rename|4|dir|3|dir2",
        ],
    ),
    (
        "read-only: link",
        &[
            "link|4|file|0|3|new",
            "open|3|new|1|0|64",
            "link|3|file|0|4|new",
            "link|4|file|0|4|new",
            "link|4|dir/in|0|5|new",
        ],
    ),
    (
        "read-only: from another grant",
        &[
            "open|3|toro|1|0|64",
            "open|3|toro|1|0|2",
            "open|5|../ro/file|1|8|64",
        ],
    ),
    (
        "read-only: renumbered",
        &[
            "renumber|4|3",
            "open|3|new|1|1|64",
            "unlink|3|file",
            "mkdir|3|new",
        ],
    ),
    (
        "read-only: renumbered directory in it",
        &[
            "open|4|dir|0|2|2",
            "renumber|7|5",
            "open|5|new|1|1|64",
            "open|5|in|1|8|64",
        ],
    ),
    (
        "read-only: renumbered file",
        &[
            "open|4|file|0|0|2",
            "open|3|file|0|0|66",
            "renumber|7|8",
            "write|8|PWNED",
            "size|8|0",
            "fdtimes|8",
        ],
    ),
    // Descriptors that were not granted.
    (
        "descriptors of the host",
        &[
            "open|7|.|0|2|2",
            "list|8",
            "read|9",
            "fdstat|10",
            "write|11|PWNED",
            "renumber|9|3",
            "fdstat|4294967295",
        ],
    ),
    (
        "standard streams as directories",
        &[
            "open|0|secretname|0|0|2",
            "list|0",
            "mkdir|1|x",
            "stat|2|x|0",
        ],
    ),
    (
        "files as directories",
        &[
            "open|3|file|0|0|2",
            "open|7|../outside/secretname|1|0|2",
            "stat|7|.|1",
            "mkdir|7|x",
        ],
    ),
    (
        "closed descriptors",
        &[
            "close|3",
            "open|3|file|1|0|2",
            "open|4|file|1|0|2",
            "open|3|file|1|0|2",
            "renumber|3|4",
        ],
    ),
];

/// Attempts while another process exchanges `swap`, a directory, and `bait`, a link to `../outside`; and the like for
/// `deep/swap`.
pub(crate) const RACES: &[Attempt] = &[
    (
        "race: open",
        &[
            "repeat|4000",
            "open|3|swap/secretname|1|0|2",
            "open|3|deep/swap/secretname|1|0|2",
        ],
    ),
    (
        "race: open and write",
        &[
            "repeat|3000",
            "open|3|swap/secretname|1|0|64",
            "open|3|swap/secretname|1|8|64",
        ],
    ),
    (
        "race: create",
        &[
            "repeat|3000",
            "open|3|swap/new|1|1|64",
            "open|3|deep/swap/new|0|1|64",
        ],
    ),
    (
        "race: dot-dot",
        &[
            "repeat|3000",
            "open|3|swap/../../outside/secretname|1|0|2",
            "open|3|deep/swap/../../../outside/secretname|1|0|2",
        ],
    ),
    (
        "race: a directory",
        &["repeat|3000", "open|3|swap|1|2|2", "open|3|swap/|0|2|2"],
    ),
    (
        "race: make and remove directories",
        &["repeat|2000", "mkdir|3|swap/new", "rmdir|3|swap/empty"],
    ),
    ("race: remove", &["repeat|3000", "unlink|3|swap/secretname"]),
    (
        "race: rename",
        &[
            "repeat|2000",
            "rename|3|swap/secretname|3|got",
            "rename|3|file|3|swap/new",
        ],
    ),
    (
        "race: link",
        &[
            "repeat|2000",
            "link|3|swap/secretname|0|3|got",
            "open|3|got|1|0|2",
            "link|3|file|0|3|swap/new",
        ],
    ),
    (
        "race: stat",
        &[
            "repeat|3000",
            "stat|3|swap/secretname|1",
            "stat|3|deep/swap/secretname|0",
        ],
    ),
    (
        "race: times",
        &[
            "repeat|3000",
            "times|3|swap/secretname|1",
            "times|3|swap/secretname|0",
            "times|3|swap|1",
        ],
    ),
    (
        "race: symbolic link",
        &[
            "repeat|2000",
            "symlink|x|3|swap/new",
            "readlink|3|swap/link",
        ],
    ),
];
