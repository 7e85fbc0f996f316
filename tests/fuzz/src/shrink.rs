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
