//! Where in a module's text an instruction is, by its offset in the binary format.

use wast::Wat;
use wast::core::{FuncKind, ModuleField, ModuleKind};
use wast::parser::{self, ParseBuffer};

/// The line and the column of the instruction at `offset` of `binary`, which `text` was encoded to. Both count from 1.
pub(crate) fn place(text: &str, binary: &[u8], offset: u64) -> Option<(usize, usize)> {
    let (function, instruction) = position(binary, offset)?;
    let mut buffer = ParseBuffer::new(text).ok()?;
    buffer.track_instr_spans(true);
    let Wat::Module(module) = parser::parse::<Wat<'_>>(&buffer).ok()? else {
        return None;
    };
    let ModuleKind::Text(fields) = module.kind else {
        return None;
    };
    let bodies = fields.iter().filter_map(|field| match field {
        ModuleField::Func(function) => match &function.kind {
            FuncKind::Inline { expression, .. } => Some((function.span, expression)),
            FuncKind::Import(..) => None,
        },
        _ => None,
    });
    let (span, expression) = bodies.into_iter().nth(function)?;
    // The end of a function is no instruction of its text.
    let spans = expression.instr_spans.as_deref()?;
    let (line, column) = spans.get(instruction).unwrap_or(&span).linecol_in(text);
    Some((line + 1, column + 1))
}

/// Which of the defined functions an offset is in, and how many instructions of it come before.
fn position(binary: &[u8], offset: u64) -> Option<(usize, usize)> {
    let payloads = wasmparser::Parser::new(0).parse_all(binary);
    let bodies = payloads
        .map_while(Result::ok)
        .filter_map(|payload| match payload {
            wasmparser::Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
    let (function, body) = bodies
        .enumerate()
        .find(|(_, body)| body.range().contains(&offset))?;
    let operators = body.get_operators_reader().ok()?;
    let before = operators
        .into_iter_with_offsets()
        .map_while(Result::ok)
        .take_while(|&(_, at)| at < offset);
    Some((function, before.count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_found() {
        let text = "(module\n  (import \"a\" \"b\" (func))\n  (func)\n  (func (local i32)\n    (drop\n      \
                    (i32.add (i32.const 1) (i32.const 2)))))";
        let binary = wat::parse_str(text).unwrap();
        // The offsets of all instructions of the second body.
        let payloads = wasmparser::Parser::new(0).parse_all(&binary);
        let bodies = payloads.filter_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        let body = bodies.into_iter().nth(1).unwrap();
        let operators = body.get_operators_reader().unwrap();
        let places = operators
            .into_iter_with_offsets()
            .map(|operator| place(text, &binary, operator.unwrap().1));
        let places: Vec<_> = places.map(Option::unwrap).collect();
        assert_eq!(places, [(6, 17), (6, 31), (6, 8), (5, 6), (4, 4)]);
        assert_eq!(place(text, &binary, 1), None);
    }
}
