//! Names of the global symbols by which the program object, the configuration object and the runtime object find
//! each other. Everything that comes from a module has local symbols and takes no part in resolution.

/// The program header, defined by the program object ([`crate::program::ProgramHeader`]).
pub const PROGRAM: &str = "nvz_program";
/// Where the program's own data lie, by local symbols of data with sizes, in the order of the compiler's blocks: constants,
/// initialised, zero, and shared by threads. Nothing refers to them: they are for who reads an executable.
pub const PROGRAM_BLOCKS: [&str; 4] = [
    "nvz_program_rodata",
    "nvz_program_data",
    "nvz_program_bss",
    "nvz_program_shared",
];
/// The encoded configuration, defined by the configuration object ([`crate::config`]): its first byte.
pub const CONFIG: &str = "nvz_config";
/// The length of the encoded configuration as a `u64`, defined by the configuration object.
pub const CONFIG_LEN: &str = "nvz_config_len";
/// Ends the program if what is denied at start is not clear.
pub const CHECK_DENY: &str = "nvz_check_deny";
/// Opens the granted directories.
pub const OPEN_DIRECTORIES: &str = "nvz_open_directories";
/// Starts the clocks of a program whose time is limited.
pub const LIMIT_TIME: &str = "nvz_limit_time";
/// Ends the program if its memories are too large already.
pub const LIMIT_START: &str = "nvz_limit_start";
/// Starts to sample what runs, if whoever started the program asks for that.
pub const PROFILE_START: &str = "nvz_profile_start";
/// Lets the kernel hold the process to the granted directories, by Landlock.
pub const CONFINE_DIRECTORIES: &str = "nvz_confine_directories";
/// Lets the kernel hold the process to the system calls of [`FILTER`], by seccomp: the last of all preparations.
pub const CONFINE_CALLS: &str = "nvz_confine_calls";
/// The [`crate::sandbox::Instruction`]s of the filter of system calls, defined by the configuration object if there is one.
pub const FILTER: &str = "nvz_filter";
/// Where the guest's stack ends and data begins, if one segment has both and the kernel maps it; 0 if the runtime maps the
/// stack. Defined by the linker.
pub const STACK_END: &str = "nvz_stack_end";
/// The read-only copy of what data is at first, to be put at [`STACK_END`], defined by the linker.
pub const DATA_IMAGE: &str = "nvz_data_image";
/// The end of [`DATA_IMAGE`], defined by the linker.
pub const DATA_IMAGE_END: &str = "nvz_data_image_end";
/// The [`crate::config::Hooks`], defined by the configuration object.
pub const HOOKS: &str = "nvz_hooks";
/// Ends the program if its memories would be too large after growing by so many bytes: `extern "C" fn(u64)`.
pub const LIMIT_MEMORY: &str = "nvz_limit_memory";
/// Ends the program if it may not have so many descriptors: `extern "C" fn(u64)`.
pub const LIMIT_DESCRIPTORS: &str = "nvz_limit_descriptors";
/// Opens the directories inside of the executable.
pub const OPEN_EMBEDDED: &str = "nvz_open_embedded";
/// Opens the granted sockets.
pub const OPEN_LISTENERS: &str = "nvz_open_listeners";
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
/// The [`crate::coredump::CoreDump`], defined by the program object if the program can write core dumps.
pub const COREDUMP: &str = "nvz_coredump";
/// Opens the file for a core dump, if one is asked for.
pub const OPEN_COREDUMP: &str = "nvz_open_coredump";
/// Shows where in the source a frame of a backtrace is, defined by the runtime. Only the program's
/// [`Lines`](crate::program::Lines) refers to it; its type is the runtime's own affair.
pub const SHOW_LINES: &str = "nvz_show_lines";
/// Shows what failed a check before an access, defined by the runtime. Only the program's
/// [`Checks`](crate::program::Checks) refers to it; its type is the runtime's own affair.
pub const SHOW_CHECK: &str = "nvz_show_check";
/// Main loop of a command: call every entry in order.
pub const MAIN_COMMAND: &str = "nvz_main_command";
/// Main loop of `--invoke`: call the entries in order, the last one with arguments from argv, and print its results.
pub const MAIN_INVOKE: &str = "nvz_main_invoke";
/// Main loop of a test script: call entries as standard input asks, trap and carry on.
pub const MAIN_SCRIPT: &str = "nvz_main_script";
/// The section that holds the image of linear memory at an address is named by this prefix and the address in
/// lower-case hexadecimal, e.g. `.nvz.image.40000000`. Its content is whole pages.
pub const IMAGE_SECTION_PREFIX: &str = ".nvz.image.";
