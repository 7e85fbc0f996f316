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
    let calls = small.calls.len();
    let shrunk =
        WasmShrink::default()
            .attempts(300)
            .run(small.wasm.clone(), &mut |wasm: &[u8]| {
                let candidate = small.with_module(wasm.to_vec());
                Ok(candidate
                    .is_some_and(|candidate| candidate.calls.len() == calls && differs(&candidate)))
            });
    match shrunk {
        Ok(info) => small.with_module(info.output),
        Err(_) => Some(small),
    }
}
