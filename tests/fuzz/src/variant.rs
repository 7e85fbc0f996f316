//! The settings that must not change what a program does.

use nativize_compiler::{BoundsChecks, OptLevel, Options, Pass, RelaxedSimd};

/// Settings under a name.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
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
        options,
    }
}

/// All others: batches take them in turn.
pub(crate) fn others() -> Vec<Variant> {
    let base = base().options;
    let mut all = Vec::new();
    let mut add = |name: &str, options: Options| {
        all.push(Variant {
            name: name.to_owned(),
            options,
        })
    };
    let explicit = BoundsChecks::Explicit;
    let native = nativize::target_cpu::native();
    for (level, name) in [(OptLevel::O3, "O3"), (OptLevel::O2, "O2")] {
        let level = Options {
            opt_level: level,
            ..base.clone()
        };
        for pass in Pass::ALL {
            let mut options = level.clone();
            options.disabled_passes.insert(pass);
            add(&format!("{name} without {}", pass.name()), options);
        }
        add(
            &format!("{name} explicit"),
            Options {
                bounds_checks: explicit,
                ..level.clone()
            },
        );
        add(
            &format!("{name} native"),
            Options {
                target_cpu: native,
                ..level
            },
        );
    }
    add(
        "O0 explicit",
        Options {
            opt_level: OptLevel::O0,
            bounds_checks: explicit,
            ..base.clone()
        },
    );
    add(
        "O1",
        Options {
            opt_level: OptLevel::O1,
            ..base
        },
    );
    all
}

/// The two that every batch takes.
pub(crate) fn always() -> [Variant; 2] {
    [(OptLevel::O0, "O0"), (OptLevel::O3, "O3")].map(|(opt_level, name)| Variant {
        name: name.to_owned(),
        options: Options {
            opt_level,
            ..base().options
        },
    })
}
