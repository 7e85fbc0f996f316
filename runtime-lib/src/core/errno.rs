//! WASI error numbers, and the one place where the host's are converted to them.

use rustix::io::Errno as Host;

/// An error of WASI preview 1. Its number is what a host function returns; 0 is success and never an `Errno`.
///
/// Source: `errno` in the `wasi_snapshot_preview1` witx document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Errno(u8);

/// The result of a host function.
pub type Result<T> = core::result::Result<T, Errno>;

macro_rules! errnos {
    ($($name:ident = $number:literal $(= $host:ident)?,)*) => {
        #[allow(missing_docs, reason = "the names are those of POSIX")]
        impl Errno {
            $(pub const $name: Errno = Errno($number);)*
        }

        /// Indexed by the host's number; what WASI has no number for is an input/output error.
        static FROM_HOST: [Errno; 134] = {
            let mut table = [Errno::IO; 134];
            $($(table[Host::$host.raw_os_error() as usize] = Errno::$name;)?)*
            table
        };
    };
}

errnos! {
    TOOBIG = 1 = TOOBIG,
    ACCES = 2 = ACCESS,
    ADDRINUSE = 3 = ADDRINUSE,
    ADDRNOTAVAIL = 4 = ADDRNOTAVAIL,
    AFNOSUPPORT = 5 = AFNOSUPPORT,
    AGAIN = 6 = AGAIN,
    ALREADY = 7 = ALREADY,
    BADF = 8 = BADF,
    BADMSG = 9 = BADMSG,
    BUSY = 10 = BUSY,
    CANCELED = 11 = CANCELED,
    CHILD = 12 = CHILD,
    CONNABORTED = 13 = CONNABORTED,
    CONNREFUSED = 14 = CONNREFUSED,
    CONNRESET = 15 = CONNRESET,
    DEADLK = 16 = DEADLK,
    DESTADDRREQ = 17 = DESTADDRREQ,
    DOM = 18 = DOM,
    DQUOT = 19 = DQUOT,
    EXIST = 20 = EXIST,
    FAULT = 21 = FAULT,
    FBIG = 22 = FBIG,
    HOSTUNREACH = 23 = HOSTUNREACH,
    IDRM = 24 = IDRM,
    ILSEQ = 25 = ILSEQ,
    INPROGRESS = 26 = INPROGRESS,
    INTR = 27 = INTR,
    INVAL = 28 = INVAL,
    IO = 29 = IO,
    ISCONN = 30 = ISCONN,
    ISDIR = 31 = ISDIR,
    LOOP = 32 = LOOP,
    MFILE = 33 = MFILE,
    MLINK = 34 = MLINK,
    MSGSIZE = 35 = MSGSIZE,
    MULTIHOP = 36 = MULTIHOP,
    NAMETOOLONG = 37 = NAMETOOLONG,
    NETDOWN = 38 = NETDOWN,
    NETRESET = 39 = NETRESET,
    NETUNREACH = 40 = NETUNREACH,
    NFILE = 41 = NFILE,
    NOBUFS = 42 = NOBUFS,
    NODEV = 43 = NODEV,
    NOENT = 44 = NOENT,
    NOEXEC = 45 = NOEXEC,
    NOLCK = 46 = NOLCK,
    NOLINK = 47 = NOLINK,
    NOMEM = 48 = NOMEM,
    NOMSG = 49 = NOMSG,
    NOPROTOOPT = 50 = NOPROTOOPT,
    NOSPC = 51 = NOSPC,
    NOSYS = 52 = NOSYS,
    NOTCONN = 53 = NOTCONN,
    NOTDIR = 54 = NOTDIR,
    NOTEMPTY = 55 = NOTEMPTY,
    NOTRECOVERABLE = 56 = NOTRECOVERABLE,
    NOTSOCK = 57 = NOTSOCK,
    NOTSUP = 58 = NOTSUP,
    NOTTY = 59 = NOTTY,
    NXIO = 60 = NXIO,
    OVERFLOW = 61 = OVERFLOW,
    OWNERDEAD = 62 = OWNERDEAD,
    PERM = 63 = PERM,
    PIPE = 64 = PIPE,
    PROTO = 65 = PROTO,
    PROTONOSUPPORT = 66 = PROTONOSUPPORT,
    PROTOTYPE = 67 = PROTOTYPE,
    RANGE = 68 = RANGE,
    ROFS = 69 = ROFS,
    SPIPE = 70 = SPIPE,
    SRCH = 71 = SRCH,
    STALE = 72 = STALE,
    TIMEDOUT = 73 = TIMEDOUT,
    TXTBSY = 74 = TXTBSY,
    XDEV = 75 = XDEV,
    NOTCAPABLE = 76,
}

impl Errno {
    /// The number that the guest sees.
    pub const fn raw(self) -> i32 {
        self.0 as i32
    }
}

impl From<Host> for Errno {
    fn from(error: Host) -> Errno {
        usize::try_from(error.raw_os_error())
            .ok()
            .and_then(|number| FROM_HOST.get(number).copied())
            .unwrap_or(Errno::IO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_errors_keep_their_meaning() {
        assert_eq!(Errno::from(Host::NOENT), Errno::NOENT);
        assert_eq!(Errno::from(Host::NOTRECOVERABLE), Errno::NOTRECOVERABLE);
        assert_eq!(Errno::from(Host::NOTSUP), Errno::NOTSUP);
        assert_eq!(Errno::from(Host::HWPOISON), Errno::IO);
        assert_eq!(Errno::from(Host::UCLEAN), Errno::IO);
    }
}
