//! Advisories, to `audit` of an executable in order.

use std::path::Path;
use std::sync::LazyLock;

use crate::build::{link, object, options, parse};

static EXECUTABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let module =
        wat::parse_str("(module (memory (export \"memory\") 1) (func (export \"_start\")))");
    let module = module.expect("valid text");
    let module = parse(&module).expect("a valid module");
    let object = object(&module, &options(b"")).expect("nothing that is not supported");
    link(&object, true).expect("a small program")
});

pub(crate) fn run(bytes: &[u8]) {
    nativize::untrusted::audit(&EXECUTABLE, bytes).expect("it was made just now");
}

/// Those that come with the command.
pub(crate) fn seeds(root: &Path) -> Vec<Vec<u8>> {
    let mut folder = root;
    while !folder.join("cli/advisories").exists() {
        folder = folder.parent().expect("it is in the repository");
    }
    crate::files(&folder.join("cli/advisories"), "md")
}
