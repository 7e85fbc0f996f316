//! The passes that tests leave out, by what the environment says: each must be one that programs can do without.

use nativize_compiler::{Options, Pass, Passes};

/// The variable with the passes that are left out, by their names, separated by commas; `all` is each.
const VARIABLE: &str = "NATIVIZE_TEST_WITHOUT";

/// The options of a test without the passes that [`VARIABLE`] names.
///
/// # Panics
/// If it names something else: a run of the tests that leaves out nothing would show nothing.
#[must_use]
pub fn without_passes(options: &Options) -> Options {
    let mut options = options.clone();
    let Ok(names) = std::env::var(VARIABLE) else {
        return options;
    };
    for name in names.split(',') {
        if name == "all" {
            options.disabled_passes = Passes::all();
            continue;
        }
        let pass = Pass::ALL.into_iter().find(|pass| pass.name() == name);
        let pass = pass.unwrap_or_else(|| panic!("{VARIABLE}: there is no pass {name:?}"));
        options.disabled_passes.insert(pass);
    }
    options
}
