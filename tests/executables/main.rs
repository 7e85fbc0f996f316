//! What holds for every executable, checked on the programs of `tests/programs`: the same bytes whatever the number of
//! threads and however often it is built, and an ELF file that is static, fixed in place, and never writable and
//! executable at once.

use libtest_mimic::{Arguments, Failed, Trial};
use nativize::link::LinkOptions;
use nativize_compiler::{Features, Options, Program};
use object::elf;
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, ReadRef};
use std::path::Path;

/// Numbers of threads to compare with one: some, and more than there are functions in the smallest programs.
const THREADS: [usize; 2] = [2, 7];

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let mut trials = Vec::new();
    for extension in ["wasm", "wat"] {
        for path in nativize_tests::files(&root, extension) {
            let name = path
                .file_stem()
                .expect("it is a file")
                .to_string_lossy()
                .into_owned();
            trials.push(Trial::test(name.clone(), move || {
                test(&path).map_err(|message| {
                    let rerun = nativize_tests::rerun("executables", &name);
                    Failed::from(format!("{message}\nrerun: {rerun}"))
                })
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn test(path: &Path) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let bytes = wat::parse_bytes(&bytes).map_err(|error| error.to_string())?;
    let first = build(&bytes, 1)?;
    check_layout(&first)?;
    for threads in THREADS {
        // The copy lies elsewhere in memory, as the input of another run does.
        if build(&bytes.clone(), threads)? != first {
            return Err(format!("other bytes with {threads} threads than with one"));
        }
    }
    Ok(())
}

fn build(bytes: &[u8], threads: usize) -> Result<Vec<u8>, String> {
    let options = Options {
        threads: Some(threads),
        ..Options::default()
    };
    let module = nativize_compiler::parse_with(bytes, Features::default(), Some(threads))
        .map_err(|error| error.to_string())?;
    let program = Program::command(&module, None).map_err(|error| error.to_string())?;
    nativize::build::build(&program, &options, &[], &LinkOptions::default(), &())
        .map_err(|error| error.to_string())
}

fn check_layout(executable: &[u8]) -> Result<(), String> {
    let file = ElfFile64::<Endianness>::parse(executable).map_err(|error| error.to_string())?;
    let endian = file.endian();
    if file.elf_header().e_type(endian) != elf::ET_EXEC {
        return Err("not a fixed executable".to_owned());
    }
    let mut stack = None;
    for segment in file.elf_program_headers() {
        let flags = segment.p_flags(endian);
        if flags & elf::PF_W != 0 && flags & elf::PF_X != 0 {
            return Err(format!(
                "the segment at {:#x} is writable and executable",
                segment.p_vaddr(endian)
            ));
        }
        match segment.p_type(endian) {
            elf::PT_GNU_STACK => stack = Some(flags),
            elf::PT_INTERP | elf::PT_DYNAMIC => return Err("not static".to_owned()),
            elf::PT_LOAD => check_load(executable, segment, endian)?,
            _ => {}
        }
    }
    match stack {
        Some(flags) if flags == elf::PF_R | elf::PF_W => Ok(()),
        Some(flags) => Err(format!("the stack's flags are {flags:#x}")),
        None => Err("no PT_GNU_STACK: the kernel would make the stack executable".to_owned()),
    }
}

fn check_load(
    executable: &[u8],
    segment: &elf::ProgramHeader64<Endianness>,
    endian: Endianness,
) -> Result<(), String> {
    let (address, offset) = (segment.p_vaddr(endian), segment.p_offset(endian));
    if executable
        .read_bytes_at(offset, segment.p_filesz(endian))
        .is_err()
    {
        return Err(format!("the segment at {address:#x} is not in the file"));
    }
    if address % nativize_abi::address::PAGE_SIZE != offset % nativize_abi::address::PAGE_SIZE {
        return Err(format!("the segment at {address:#x} cannot be mapped"));
    }
    Ok(())
}
