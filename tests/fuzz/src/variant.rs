//! The settings that must not change what a program does.

use crate::random::Random;
use nativize_compiler::{BoundsChecks, OptLevel, Options, Pass, RelaxedSimd};

/// Settings under a name.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    /// What it is counted as.
    pub(crate) group: &'static str,
    pub(crate) options: Options,
}

/// The settings that the others are compared with.
pub(crate) fn base() -> Variant {
    let options = Options {
        threads: Some(1),
        // The specification allows several results elsewhere.
        relaxed_simd: RelaxedSimd::Deterministic,
        ..Options::default()
    };
    Variant {
        name: "O2".to_owned(),
        group: "O2",
        options,
    }
}

/// The settings that batches take: every one is compared with the base, and so with each other.
pub(crate) struct Turns {
    /// `-O0` and `-O3` themselves.
    levels: [Variant; 2],
    /// What takes as long to compile as the base, or less.
    quick: Vec<Variant>,
    /// `-O3` otherwise.
    slow: Vec<Variant>,
}

impl Turns {
    pub(crate) fn new() -> Turns {
        let levels = [(OptLevel::O0, "O0"), (OptLevel::O3, "O3")];
        let [o0, o3] = levels.map(|(opt_level, name)| Variant {
            name: name.to_owned(),
            group: name,
            options: Options {
                opt_level,
                ..base().options
            },
        });
        let mut quick = forms(&base());
        quick.push(explicit(&o0));
        quick.push(Variant {
            name: "O1".to_owned(),
            group: "quick settings",
            options: Options {
                opt_level: OptLevel::O1,
                ..base().options
            },
        });
        Turns {
            slow: forms(&o3),
            levels: [o0, o3],
            quick,
        }
    }

    /// What the batch with this number takes. Most of the time goes into compiling, and two settings of one module rarely show
    /// more than one of two modules each, so there is one, and `-O3` takes as long as three others; in an eighth of the batches
    /// `-O0` and `-O3` meet. It is drawn rather than counted, for which memory has the low slot is counted already.
    pub(crate) fn of(&self, number: usize) -> Vec<&Variant> {
        let mut random = Random::new(number as u64);
        let [o0, o3] = &self.levels;
        match random.below(16) {
            0..5 => vec![o0],
            5 => vec![o3],
            6..8 => vec![o0, o3],
            8..15 => vec![&self.quick[random.below(self.quick.len())]],
            _ => vec![&self.slow[random.below(self.slow.len())]],
        }
    }
}

/// A level with each of its passes switched off, with explicit bounds checks, and for all that the processor has.
fn forms(level: &Variant) -> Vec<Variant> {
    let group = group(level);
    let mut all = Vec::new();
    for pass in Pass::ALL {
        // Which `-O2` does not run.
        if pass == Pass::Variants && level.options.opt_level < OptLevel::O3 {
            continue;
        }
        let mut options = level.options.clone();
        options.disabled_passes.insert(pass);
        all.push(Variant {
            name: format!("{} without {}", level.name, pass.name()),
            group,
            options,
        });
    }
    all.push(explicit(level));
    all.push(Variant {
        name: format!("{} native", level.name),
        group,
        options: Options {
            target_cpu: nativize::target_cpu::native(),
            ..level.options.clone()
        },
    });
    all
}

/// What forms of a level are counted as.
fn group(level: &Variant) -> &'static str {
    match level.options.opt_level {
        OptLevel::O3 => "slow settings",
        _ => "quick settings",
    }
}

fn explicit(level: &Variant) -> Variant {
    Variant {
        name: format!("{} explicit", level.name),
        group: group(level),
        options: Options {
            bounds_checks: BoundsChecks::Explicit,
            ..level.options.clone()
        },
    }
}
