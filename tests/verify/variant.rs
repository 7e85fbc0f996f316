//! The ways to build one program: all that changes the form of code, each of which has to be proven.

use nativize::target_cpu::native;
use nativize_compiler::{BoundsChecks, OptLevel, Options, Pass, Passes};

/// A way to build, under the name that its tests have.
#[derive(Clone)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) options: Options,
}

impl Variant {
    fn new(name: &str, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            threads: Some(1),
            ..Options::default()
        };
        change(&mut options);
        Variant {
            name: name.to_owned(),
            options,
        }
    }

    pub(crate) fn level(level: OptLevel) -> Self {
        Variant::new(&format!("{level:?}"), |options| options.opt_level = level)
    }

    /// What accesses compare, instead of leaving it to pages.
    pub(crate) fn explicit() -> Self {
        Variant::new("explicit", |options| {
            options.bounds_checks = BoundsChecks::Explicit;
        })
    }

    /// Every one.
    pub(crate) fn all() -> Vec<Variant> {
        let levels = [OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3].map(Variant::level);
        let mut all = levels.to_vec();
        for pass in Pass::ALL {
            all.push(Variant::new(&format!("no-{}", pass.name()), |options| {
                options.opt_level = OptLevel::O3;
                options.disabled_passes.insert(pass);
            }));
        }
        all.push(Variant::new("no-passes", |options| {
            options.disabled_passes = Passes::all();
        }));
        all.push(Variant::new("native", |options| {
            options.opt_level = OptLevel::O3;
            options.target_cpu = native();
        }));
        all.push(Variant::new("debug", |options| options.debug = true));
        all.push(Variant::explicit());
        all.push(Variant::new("explicit-O3", |options| {
            options.opt_level = OptLevel::O3;
            options.bounds_checks = BoundsChecks::Explicit;
        }));
        all.push(Variant::new("explicit-O0", |options| {
            options.opt_level = OptLevel::O0;
            options.bounds_checks = BoundsChecks::Explicit;
        }));
        all
    }
}
