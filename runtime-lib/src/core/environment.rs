//! The environment that the build granted: fixed values, variables passed through, or all of them.

use nativize_abi::config::{Record, Records};

/// A variable: its name and its value.
pub type Variable<'a> = (&'a [u8], &'a [u8]);

/// The variables that the guest sees.
///
/// What is inherited comes first, then the variables that were granted by name, in the order of the build. Each name
/// occurs once: a later grant replaces an earlier one, and a grant by name the inherited variable.
pub fn variables<'a, H>(
    config: Records<'a>,
    host: impl Fn() -> H,
) -> impl Iterator<Item = Variable<'a>>
where
    H: Iterator<Item = &'a [u8]>,
{
    let inherit = config.clone().any(|record| record == Record::InheritEnv);
    let grants = config.clone();
    let inherited = host()
        .take_while(move |_| inherit)
        .filter_map(split)
        .filter(move |&(name, _)| {
            !name.starts_with(b"NATIVIZE_")
                && !grants.clone().any(|grant| granted(grant) == Some(name))
        });
    let mut rest = config;
    let granted = core::iter::from_fn(move || {
        loop {
            let record = rest.next()?;
            let variable = match record {
                Record::Env { key, value } => Some((key, value)),
                Record::PassEnv { key } => host().filter_map(split).find(|&(name, _)| name == key),
                _ => None,
            };
            if let Some(variable) = variable
                && !rest.clone().any(|later| granted(later) == Some(variable.0))
            {
                return Some(variable);
            }
        }
    });
    inherited.chain(granted)
}

/// The name of the variable that a record grants.
fn granted<'a>(record: Record<'a>) -> Option<&'a [u8]> {
    match record {
        Record::Env { key, .. } | Record::PassEnv { key } => Some(key),
        _ => None,
    }
}

/// Splits `NAME=VALUE`; what has no name is no variable.
fn split(entry: &[u8]) -> Option<Variable<'_>> {
    let equals = entry.iter().position(|&byte| byte == b'=')?;
    let (name, value) = entry.split_at(equals);
    match value {
        [_, value @ ..] if !name.is_empty() => Some((name, value)),
        _ => None,
    }
}

/// The variables that this program's guest sees: what the build granted, but for what is denied at start.
pub fn guest() -> impl Iterator<Item = Variable<'static>> {
    variables(crate::start::config(), || {
        crate::start::environ().map(|entry| entry.to_bytes())
    })
    .filter(|&(name, _)| !super::deny::variable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: [&[u8]; 5] = [b"A=1", b"NATIVIZE_X=1", b"B=2=3", b"=odd", b"C="];

    fn seen(config: &[u8]) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        variables(Records::new(config), || HOST.into_iter())
            .map(|(name, value)| (text(name), text(value)))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        expected.iter().map(own).collect()
    }

    #[test]
    fn nothing_is_seen_that_was_not_granted() {
        assert_eq!(seen(b""), []);
        // PassEnv A, PassEnv missing, Env K=V.
        let config = b"\x03\x01A\x03\x01Z\x02\x01K\x01V";
        assert_eq!(seen(config), pairs(&[("A", "1"), ("K", "V")]));
    }

    #[test]
    fn grants_by_name_replace_inherited_and_earlier_ones() {
        assert_eq!(seen(b"\x04"), pairs(&[("A", "1"), ("B", "2=3"), ("C", "")]));
        // Env A=x, InheritEnv, Env A=y.
        let config = b"\x02\x01A\x01x\x04\x02\x01A\x01y";
        assert_eq!(seen(config), pairs(&[("B", "2=3"), ("C", ""), ("A", "y")]));
    }
}
