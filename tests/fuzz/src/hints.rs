//! Hints which branches are made: where code is put depends on them, what it does does not.

use crate::random::Random;
use wasm_encoder::{BranchHint, BranchHints, Section as _};
use wasmparser::{Operator, Parser, Payload, TypeRef};

/// The module with hints for some of its branches, right or wrong; nothing if none has one.
pub(crate) fn add(wasm: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    // Of all branches, of some, or of few.
    let rare = random.pick(&[1, 2, 8]);
    let mut section = BranchHints::new();
    // (The header has 8 bytes.)
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

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::KnownCustom;

    #[test]
    fn hints_are_where_the_branches_are() {
        let wasm = wat::parse_str(
            r#"(module
              (import "a" "b" (func))
              (func)
              (func (param i32 i64) (local f32)
                (local.set 0 (i32.const 1000))
                (if (local.get 0) (then))
                (block (br_if 0 (local.get 0)))))"#,
        )
        .unwrap();
        // Of one of few seeds all branches have one.
        let hinted = (0..100).find_map(|seed| {
            let hinted = add(&wasm, &mut Random::new(seed))?;
            let found = found(&hinted);
            (found.len() == 2).then_some((hinted, found))
        });
        let (hinted, found) = hinted.unwrap();
        wasmparser::validate(&hinted).unwrap();
        assert_eq!(found, branches(&hinted));
        assert!(found.iter().all(|&(function, _)| function == 2));
    }

    /// Function and offset of each hint.
    fn found(wasm: &[u8]) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CustomSection(section) = payload.unwrap()
                && let KnownCustom::BranchHints(functions) = section.as_known()
            {
                for function in functions {
                    let function = function.unwrap();
                    let hints = function.hints.into_iter();
                    found.extend(hints.map(|hint| (function.func, hint.unwrap().func_offset)));
                }
            }
        }
        found
    }

    fn branches(wasm: &[u8]) -> Vec<(u32, u32)> {
        let (mut branches, mut function) = (Vec::new(), 1);
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                let operators = body.get_operators_reader().unwrap();
                for (operator, offset) in operators.into_iter_with_offsets().flatten() {
                    if matches!(operator, Operator::If { .. } | Operator::BrIf { .. }) {
                        branches.push((function, (offset - body.range().start) as u32));
                    }
                }
                function += 1;
            }
        }
        branches
    }
}
