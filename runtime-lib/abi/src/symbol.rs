//! Names of the global symbols by which the program object, the configuration object and the runtime object find
//! each other. Everything that comes from a module has local symbols and takes no part in resolution.

/// The program header, defined by the program object ([`crate::program::ProgramHeader`]).
pub const PROGRAM: &str = "nvz_program";
/// The encoded configuration, defined by the configuration object ([`crate::config`]): its first byte.
pub const CONFIG: &str = "nvz_config";
/// The length of the encoded configuration as a `u64`, defined by the configuration object.
pub const CONFIG_LEN: &str = "nvz_config_len";
/// The address of a function of the runtime to call before the main loop, or 0, as a `u64`: defined by the
/// configuration object, so that what a program was not granted is not part of its executable.
pub const PREPARE: &str = "nvz_prepare";
/// Opens the granted directories: what [`PREPARE`] holds when there are any.
pub const OPEN_DIRECTORIES: &str = "nvz_open_directories";
/// The ELF entry point, defined by the runtime.
pub const START: &str = "_start";
/// Where a trampoline leaves the guest's frame pointer and return address before it calls a host function
/// ([`crate::program::GuestFrame`]), defined by the runtime.
pub const GUEST_FRAME: &str = "nvz_guest_frame";
/// Passes the exception at the address that it is given to the innermost handler for it, or ends the run with a trap:
/// `fn(exception: *const Exception, exceptions: *const Exceptions) -> !` in the guest's convention, to be called by guest
/// code, defined by the runtime. It takes its arguments where the platform's convention does.
pub const THROW: &str = "nvz_throw";
/// Ends the run because guest code called an import that nothing provides: `fn(name: *const u8, len: u64) -> !`, defined
/// by the runtime.
pub const UNKNOWN_IMPORT: &str = "nvz_unknown_import";
/// Main loop of a command: call every entry in order.
pub const MAIN_COMMAND: &str = "nvz_main_command";
/// Main loop of `--invoke`: call the entries in order, the last one with arguments from argv, and print its results.
pub const MAIN_INVOKE: &str = "nvz_main_invoke";
/// Main loop of a test script: call entries as standard input asks, trap and carry on.
pub const MAIN_SCRIPT: &str = "nvz_main_script";
/// The section that holds the image of linear memory at an address is named by this prefix and the address in
/// lower-case hexadecimal, e.g. `.nvz.image.40000000`. Its content is whole pages.
pub const IMAGE_SECTION_PREFIX: &str = ".nvz.image.";
