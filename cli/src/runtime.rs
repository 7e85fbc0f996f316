//! The runtime that is linked into every executable, built by `build.rs`.

/// A relocatable ELF object for x86-64. It defines what `nativize_abi` lists and needs the program object and the
/// configuration object.
pub static RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.o"));

#[cfg(test)]
mod tests {
    use super::RUNTIME;
    use nativize_abi::symbol;
    use object::{Object, ObjectSection, ObjectSymbol};

    #[test]
    fn the_runtime_is_complete() {
        let object = object::File::parse(RUNTIME).unwrap();
        let mut undefined: Vec<_> = object
            .symbols()
            .filter(|symbol| symbol.is_undefined())
            .map(|symbol| symbol.name().unwrap())
            .collect();
        undefined.sort_unstable();
        let contract = [
            symbol::CONFIG,
            symbol::CONFIG_LEN,
            symbol::COREDUMP,
            symbol::FILTER,
            symbol::HOOKS,
            symbol::PROGRAM,
        ];
        assert_eq!(undefined, contract);
        for name in [
            symbol::START,
            symbol::GUEST_FRAME,
            symbol::MAIN_COMMAND,
            symbol::MAIN_INVOKE,
            symbol::MAIN_SCRIPT,
            symbol::OPEN_DIRECTORIES,
            symbol::LIMIT_START,
            symbol::LIMIT_TIME,
            symbol::LIMIT_MEMORY,
            symbol::LIMIT_DESCRIPTORS,
            symbol::CONFINE_DIRECTORIES,
            symbol::CONFINE_CALLS,
            symbol::PROFILE_START,
            symbol::OPEN_COREDUMP,
            symbol::SHOW_LINES,
            symbol::SHOW_CHECK,
        ] {
            assert!(object.symbol_by_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_runtime_tells_nothing_of_its_builder() {
        let object = object::File::parse(RUNTIME).unwrap();
        assert!(
            !object
                .sections()
                .any(|section| section.name().unwrap().starts_with(".debug"))
        );
        for needle in ["/home/", "/root/", "/registry/", env!("CARGO_MANIFEST_DIR")] {
            let needle = needle.as_bytes();
            assert!(!RUNTIME.windows(needle.len()).any(|bytes| bytes == needle));
        }
    }
}
