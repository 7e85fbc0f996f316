//! Makes a case smaller while it still differs: fewer calls first, then a smaller module.

use crate::case::Case;
use wasm_shrink::WasmShrink;

/// `None` when the case does not differ in a program of its own.
pub(crate) fn shrink(case: &Case, differs: &mut dyn FnMut(&Case) -> bool) -> Option<Case> {
    if !differs(case) {
        return None;
    }
    let mut small = case.clone();
    let mut chunk = small.calls.len().div_ceil(2);
    while chunk > 0 {
        let mut from = 0;
        while from < small.calls.len() {
            let mut fewer = small.clone();
            fewer
                .calls
                .drain(from..(from + chunk).min(small.calls.len()));
            if differs(&fewer) {
                small = fewer;
            } else {
                from += chunk;
            }
        }
        chunk /= 2;
    }
    // A twin would not be of a smaller module.
    let count = if small.twins.is_some() {
        0
    } else {
        small.modules.len()
    };
    for index in 0..count {
        let calls = small.calls.len();
        let shrunk = WasmShrink::default().attempts(300).run(
            small.modules[index].clone(),
            &mut |wasm: &[u8]| {
                let candidate = small.with_module(index, wasm.to_vec());
                Ok(candidate
                    .is_some_and(|candidate| candidate.calls.len() == calls && differs(&candidate)))
            },
        );
        if let Ok(info) = shrunk
            && let Some(smaller) = small.with_module(index, info.output)
        {
            small = smaller;
        }
    }
    Some(small)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Call, Outcome};
    use crate::interpreter;
    use crate::random::Random;

    /// A difference that is made up: a module counts bits and a call of it gives 5.
    #[test]
    fn a_difference_shrinks_to_what_it_needs() {
        let wasm = wat::parse_str(
            r#"(module
                (memory 1) (table 4 funcref) (global $g (mut i64) (i64.const 7))
                (elem (i32.const 0) $count $other) (data (i32.const 64) "of no use")
                (func $other (export "other") (param i32) (result i32)
                    (i32.store (i32.const 8) (local.get 0))
                    (global.set $g (i64.load (i32.const 64)))
                    (i32.add (i32.load (i32.const 8)) (i32.const 3)))
                (func $count (export "count") (param i32 i32) (result i32) (local i32)
                    (local.set 2 (i32.mul (local.get 0) (local.get 1)))
                    (drop (call $other (local.get 2)))
                    (if (result i32) (i32.eqz (i32.const 0))
                        (then (i32.popcnt (local.get 0)))
                        (else (i32.const 9)))))"#,
        )
        .expect("valid text");
        let mut random = Random::new(1);
        let mut case = Case::new(1, vec![wasm], vec![0], &mut random).expect("it has exports");
        let call = |name: &str, arguments: &[u128]| Call {
            function: case
                .functions
                .iter()
                .position(|function| function.name == name)
                .expect("it is exported"),
            arguments: arguments.to_vec(),
        };
        let calls = [
            call("other", &[9]),
            call("count", &[0x1f, 3]),
            call("count", &[0xf, 3]),
        ];
        case.calls = calls.into();
        let engine = interpreter::engine();
        let five = Outcome::Results(vec![5]);
        let mut differs = |case: &Case| {
            let text = wasmprinter::print_bytes(&case.modules[0]).unwrap_or_default();
            text.contains("popcnt")
                && interpreter::run(&engine, case).is_ok_and(|all| all.contains(&five))
        };
        let small = shrink(&case, &mut differs).expect("it differs");
        assert_eq!(small.calls.len(), 1);
        assert_eq!(small.calls[0].arguments, [0x1f, 3]);
        let text = wasmprinter::print_bytes(&small.modules[0]).expect("it is a module");
        let wanted = r#"(module
  (type (;0;) (func (param i32 i32) (result i32)))
  (export "count" (func 0))
  (func (;0;) (type 0) (param i32 i32) (result i32)
    (local i32)
    i32.const 1
    if (result i32) ;; label = @1
      local.get 0
      i32.popcnt
    else
      i32.const 9
    end
  )
)
"#;
        assert_eq!(text, wanted);
        // What does not differ is not made smaller.
        assert!(shrink(&case, &mut |_| false).is_none());
    }
}
