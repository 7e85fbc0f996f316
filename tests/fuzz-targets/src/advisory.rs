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
pub(crate) fn seeds(_: &Path) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cli/advisories");
    crate::files(&folder, "md")
}
