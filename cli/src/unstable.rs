//! `-Z NAME`: options for the development of nativize itself.

use nativize_compiler::{Options, Pass, Passes};

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unstable {
    /// `valgrind`: executables for valgrind.
    Valgrind,
    /// `no-PASS`: a pass is switched off.
    Without(Pass),
    /// `no-passes`: all of them are.
    WithoutPasses,
}

/// The option called `name`.
pub(crate) fn parse(name: &str) -> Result<Unstable, String> {
    match name {
        "valgrind" => return Ok(Unstable::Valgrind),
        "no-passes" => return Ok(Unstable::WithoutPasses),
        _ => {}
    }
    let named = |pass: &Pass| name.strip_prefix("no-") == Some(pass.name());
    Pass::ALL
        .into_iter()
        .find(named)
        .map(Unstable::Without)
        .ok_or_else(|| {
            let passes = Pass::ALL.map(|pass| format!(", no-{}", pass.name()));
            format!("there is valgrind, no-passes{}", passes.concat())
        })
}

/// Sets what all of `chosen` ask for.
pub(crate) fn apply(chosen: &[Unstable], options: &mut Options) {
    for &option in chosen {
        match option {
            Unstable::Valgrind => options.valgrind = true,
            Unstable::Without(pass) => options.disabled_passes.insert(pass),
            Unstable::WithoutPasses => options.disabled_passes = Passes::all(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pass_can_be_switched_off() {
        let mut options = Options::default();
        for pass in Pass::ALL {
            let chosen = parse(&format!("no-{}", pass.name())).unwrap();
            assert!(!options.disabled_passes.contains(pass));
            apply(&[chosen], &mut options);
            assert!(options.disabled_passes.contains(pass));
        }
        assert_eq!(options.disabled_passes, Passes::all());
        let mut options = Options::default();
        apply(&[parse("no-passes").unwrap()], &mut options);
        assert_eq!(options.disabled_passes, Passes::all());
        assert!(parse("no-").is_err());
        assert!(parse("no-such-pass").is_err());
    }
}
