//! Asserts a batch's outcomes in a script that Wasmtime runs.

use crate::case::{Case, Kind, Outcome, Outcomes};
use std::fmt::Write;

/// The cases of a batch, and what Wasmtime has to come to.
pub(crate) type Expectations = Vec<(Case, Outcomes)>;

/// `None` without Wasmtime; otherwise whether it agrees with all. Each batch is a file, whose instances come and go together.
pub(crate) fn check(batches: &[Expectations]) -> Option<Result<(), String>> {
    let mut command = std::process::Command::new(nativize_tests::wasmtime()?);
    command
        .args([
            "wast",
            "-W",
            "all-proposals=y,relaxed-simd-deterministic=y,max-wasm-stack=8388608",
        ])
        .args(["-W", "async-stack-size=16777216"])
        // What Rust code finds for its backtrace at each trap costs more than all else.
        .env("RUST_BACKTRACE", "0")
        // Other cores have modules of their own, and no module comes again: its cache costs gigabytes.
        .args(["-C", "parallel-compilation=n,cache=n"])
        // Half the time; and what Cranelift's optimizer or register allocator does wrong is not wrong on both sides.
        .args(["-O", "opt-level=0,regalloc-algorithm=single-pass"]);
    let is_linked = |(case, _): &(Case, Outcomes)| case.instances.len() > 1;
    if batches.iter().flatten().any(is_linked) {
        // A fault in a shared memory that two instances have is a panic in Wasmtime 48 (`store.rs`: `fault.is_none()`).
        command.args(["-O", "signals-based-traps=n"]);
    }
    let mut files = Vec::new();
    for batch in batches {
        let mut script = String::new();
        for (case, outcomes) in batch {
            assertions(case, outcomes, &binary, &mut script);
        }
        let mut file = tempfile::Builder::new().suffix(".wast").tempfile().ok()?;
        std::io::Write::write_all(&mut file, script.as_bytes()).ok()?;
        command.arg(file.path());
        files.push(file);
    }
    let outcome = nativize_tests::run(&mut command, &[]).ok()?;
    Some(if outcome.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&outcome.stderr).into_owned())
    })
}

/// What else Wasmtime may say, where that is why it does not agree. An atomic access may be both unaligned and out of bounds:
/// the specification (threads, execution of atomic instructions) has one trap for it and no name, we say the former, and
/// Wasmtime the latter where it knows of it before the program runs.
pub(crate) fn excused((case, outcomes): &(Case, Outcomes), message: &str) -> Option<Outcomes> {
    let (before, said) = message.split_once("expected 'unaligned atomic', got")?;
    if !said.contains("out of bounds memory access") {
        return None;
    }
    let number = before.rsplit_once(".wast:")?.1;
    let number: usize = number.split('\n').next()?.trim().parse().ok()?;
    let mut outcomes = outcomes.clone();
    let mut line = 0;
    for (position, outcome) in outcomes.iter_mut().enumerate() {
        line += match outcome {
            Outcome::Skipped | Outcome::Broken(_) | Outcome::Late => 0,
            Outcome::Results(_) if position < case.instances.len() => 2,
            Outcome::Results(_) | Outcome::Trap(_) => 1,
        };
        if line == number && *outcome == Outcome::Trap("unaligned atomic") {
            *outcome = Outcome::Trap("out of bounds memory access");
            return Some(outcomes);
        }
    }
    None
}

/// A script for people, with the modules as text.
pub(crate) fn script(case: &Case, outcomes: &Outcomes) -> Option<String> {
    for wasm in case.for_others() {
        wasmprinter::print_bytes(wasm).ok()?;
    }
    let mut script = String::new();
    assertions(case, outcomes, &text, &mut script);
    Some(script)
}

/// What follows `(module` and the name, up to the last parenthesis.
fn text(wasm: &[u8]) -> String {
    let text = wasmprinter::print_bytes(wasm).unwrap_or_default();
    let text = text.trim_end().strip_prefix("(module").unwrap_or("");
    text.strip_suffix(')').unwrap_or("").to_owned()
}

/// The same as bytes.
fn binary(wasm: &[u8]) -> String {
    let mut bytes = " binary \"".to_owned();
    escape(wasm, &mut bytes);
    bytes + "\""
}

fn assertions(
    case: &Case,
    outcomes: &Outcomes,
    fields: &dyn Fn(&[u8]) -> String,
    script: &mut String,
) {
    for (number, &module) in case.instances.iter().enumerate() {
        let fields = fields(&case.for_others()[module]);
        let _ = match &outcomes[number] {
            Outcome::Trap(message) => {
                // A script has no way to say that instantiation throws; this is what Wasmtime says then.
                let message = match *message {
                    "uncaught exception" => "thrown Wasm exception",
                    message => message,
                };
                writeln!(script, "(assert_trap (module{fields}) {message:?})")
            }
            _ => writeln!(
                script,
                "(module $i{number}{fields})\n(register \"i{number}\" $i{number})"
            ),
        };
    }
    for (call, outcome) in case.calls.iter().zip(&outcomes[case.instances.len()..]) {
        let function = &case.functions[call.function];
        let mut invoke = format!("(invoke $i{} \"", function.instance);
        escape(function.name.as_bytes(), &mut invoke);
        invoke.push('"');
        for (&kind, &bits) in function.params.iter().zip(&call.arguments) {
            invoke += &constant(kind, bits, true);
        }
        invoke.push(')');
        let _ = match outcome {
            // A script has no word for an exception that is returned.
            Outcome::Results(values)
                if function
                    .results
                    .iter()
                    .zip(values)
                    .any(|(&kind, &bits)| kind == Kind::Exn && bits != 0) =>
            {
                writeln!(script, "{invoke}")
            }
            Outcome::Results(values) => {
                let results: String = function
                    .results
                    .iter()
                    .zip(values)
                    .map(|(&kind, &bits)| constant(kind, bits, false))
                    .collect();
                writeln!(script, "(assert_return {invoke}{results})")
            }
            Outcome::Trap("uncaught exception") => writeln!(script, "(assert_exception {invoke})"),
            Outcome::Trap(message) => writeln!(script, "(assert_trap {invoke} {message:?})"),
            Outcome::Skipped | Outcome::Broken(_) | Outcome::Late => Ok(()),
        };
    }
}

/// Bytes as they stand in a string.
fn escape(bytes: &[u8], to: &mut String) {
    to.reserve(3 * bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() {
            to.push(char::from(*byte));
            continue;
        }
        to.push('\\');
        for digit in [byte >> 4, byte & 15] {
            to.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
}

fn constant(kind: Kind, bits: u128, argument: bool) -> String {
    match kind {
        Kind::I32 => format!(" (i32.const {})", bits as u32),
        Kind::I64 => format!(" (i64.const {})", bits as u64),
        Kind::F32 => {
            let value = f32::from_bits(bits as u32);
            let sign = if value.is_sign_negative() { "-" } else { "" };
            if value.is_nan() {
                format!(" (f32.const {sign}nan:0x{:x})", bits & 0x7f_ffff)
            } else {
                format!(" (f32.const {value:e})")
            }
        }
        Kind::F64 => {
            let value = f64::from_bits(bits as u64);
            let sign = if value.is_sign_negative() { "-" } else { "" };
            if value.is_nan() {
                format!(" (f64.const {sign}nan:0x{:x})", bits & 0xf_ffff_ffff_ffff)
            } else {
                format!(" (f64.const {value:e})")
            }
        }
        Kind::V128 => format!(
            " (v128.const i64x2 {} {})",
            bits as u64,
            (bits >> 64) as u64
        ),
        Kind::Func if bits == 0 && argument => " (ref.null func)".to_owned(),
        Kind::Extern if bits == 0 && argument => " (ref.null extern)".to_owned(),
        Kind::Exn if bits == 0 && argument => " (ref.null exn)".to_owned(),
        Kind::Func if bits == 0 => " (ref.null)".to_owned(),
        Kind::Extern | Kind::Exn if bits == 0 => " (ref.null)".to_owned(),
        Kind::Func => " (ref.func)".to_owned(),
        Kind::Extern => " (ref.extern)".to_owned(),
        Kind::Exn => " (ref.exn)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn a_script_has_its_modules_as_text() {
        let wasm = wat::parse_str("(module (func (export \"a-1\") (result i32) i32.const 7))");
        let wasm = wasm.expect("valid text");
        let mut case = Case::new(1, vec![wasm], vec![0], &mut Random::new(1)).expect("an export");
        case.calls.truncate(1);
        let outcomes = vec![Outcome::Results(Vec::new()), Outcome::Results(vec![7])];
        let script = script(&case, &outcomes).expect("it can be printed");
        let wanted = r#"(module $i0
  (type (;0;) (func (result i32)))
  (export "a-1" (func 0))
  (func (;0;) (type 0) (result i32)
    i32.const 7
  )
)
(register "i0" $i0)
(assert_return (invoke $i0 "a\2d1") (i32.const 7))
"#;
        assert_eq!(script, wanted);
        assert!(matches!(
            check(&[vec![(case, outcomes)]]),
            None | Some(Ok(()))
        ));
    }
}
