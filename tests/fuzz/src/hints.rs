//! Hints which branches are made: where code is put depends on them, what it does does not.

use crate::random::Random;
use wasm_encoder::{BranchHint, BranchHints, Section as _};
use wasmparser::{Operator, Parser, Payload, TypeRef};

/// The module with hints for some of its branches, right or wrong; nothing if it has no code.
pub(crate) fn add(wasm: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    // Of all branches, of some, or of few.
    let rare = random.pick(&[1, 2, 8]);
    let mut section = BranchHints::new();
    let (mut function, mut before, mut code) = (0, 8, None);
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        match &payload {
            Payload::ImportSection(imports) => {
                let imports = imports.clone().into_imports().flatten();
                let functions = imports
                    .filter(|import| matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                function += functions.count() as u32;
            }
            Payload::CodeSectionStart { .. } => code = Some(before),
            Payload::CodeSectionEntry(body) => {
                let start = body.range().start;
                let operators = body.get_operators_reader().ok()?;
                let mut hints = Vec::new();
                for (operator, offset) in operators.into_iter_with_offsets().flatten() {
                    let is_branch = matches!(operator, Operator::If { .. } | Operator::BrIf { .. });
                    if is_branch && random.chance(rare) {
                        hints.push(BranchHint {
                            branch_func_offset: (offset - start) as u32,
                            branch_hint_value: random.chance(4).into(),
                        });
                    }
                }
                if !hints.is_empty() {
                    section.function_hints(function, hints);
                }
                function += 1;
            }
            _ => {}
        }
        if let Some((_, range)) = payload.as_section() {
            before = range.end;
        }
    }
    let at = usize::try_from(code.filter(|_| !section.is_empty())?).ok()?;
    let mut hinted = wasm.get(..at)?.to_vec();
    section.append_to(&mut hinted);
    hinted.extend_from_slice(wasm.get(at..)?);
    Some(hinted)
}
