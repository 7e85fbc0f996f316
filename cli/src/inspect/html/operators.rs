//! An instruction as text, as the text format has it.

use std::fmt::{Debug, Display, Write as _};

use wasmparser::{
    BlockType, BrTable, Catch, Ieee32, Ieee64, MemArg, MemArgTarget, Operator, TryTable, V128,
};

/// What stands before a dot in the name of an instruction.
const SUBJECTS: [&str; 18] = [
    "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2",
    "local", "global", "memory", "table", "ref", "data", "elem",
];

macro_rules! define_text {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// The text of an instruction.
        pub(super) fn instruction(operator: &Operator<'_>) -> String {
            match operator {
                $(Operator::$op { $($($arg),*)? } => {
                    #[allow(unused_mut, reason = "some have no operands")]
                    let mut text = name(stringify!($visit));
                    $($(let _ = write!(text, "{}", $arg.operand());)*)?
                    text
                })*
                _ => "unknown instruction".to_owned(),
            }
        }
    };
}
wasmparser::for_each_operator!(define_text);

/// `visit_i32_load8_u` is `i32.load8_u`.
fn name(visitor: &str) -> String {
    let name = visitor.strip_prefix("visit_").unwrap_or(visitor);
    match name.split_once('_') {
        Some((subject, rest)) if SUBJECTS.contains(&subject) => {
            let rest = match rest.strip_prefix("atomic_") {
                Some(atomic) => format!("atomic.{}", atomic.replacen("rmw_", "rmw.", 1)),
                None => rest.to_owned(),
            };
            format!("{subject}.{rest}")
        }
        _ => name.to_owned(),
    }
}

/// An operand of an instruction, with a space before it.
trait Operand {
    fn operand(&self) -> String;
}

impl Operand for MemArg {
    fn operand(&self) -> String {
        let mut text = String::new();
        if let MemArgTarget::Memory(memory @ 1..) = self.target {
            let _ = write!(text, " {memory}");
        }
        if self.offset != 0 {
            let _ = write!(text, " offset={}", self.offset);
        }
        if self.align != self.max_align {
            let _ = write!(text, " align={}", 1u64 << self.align.min(63));
        }
        text
    }
}

impl Operand for BlockType {
    fn operand(&self) -> String {
        match self {
            BlockType::Empty => String::new(),
            BlockType::Type(ty) => format!(" (result {ty})"),
            BlockType::FuncType(index) => format!(" (type {index})"),
        }
    }
}

impl Operand for TryTable {
    fn operand(&self) -> String {
        let mut text = self.ty.operand();
        for catch in &self.catches {
            let _ = match catch {
                Catch::One { tag, label } => write!(text, " (catch {tag} {label})"),
                Catch::OneRef { tag, label } => write!(text, " (catch_ref {tag} {label})"),
                Catch::All { label } => write!(text, " (catch_all {label})"),
                Catch::AllRef { label } => write!(text, " (catch_all_ref {label})"),
            };
        }
        text
    }
}

impl Operand for BrTable<'_> {
    fn operand(&self) -> String {
        let mut text = String::new();
        for target in self.targets().map_while(Result::ok) {
            let _ = write!(text, " {target}");
        }
        let _ = write!(text, " {}", self.default());
        text
    }
}

impl Operand for Ieee32 {
    fn operand(&self) -> String {
        format!(" {}", f32::from_bits(self.bits()))
    }
}

impl Operand for Ieee64 {
    fn operand(&self) -> String {
        format!(" {}", f64::from_bits(self.bits()))
    }
}

impl Operand for V128 {
    fn operand(&self) -> String {
        format!(" {:#034x}", self.i128())
    }
}

/// Numbers and types as they are, everything else as the parser shows it.
macro_rules! operands {
    (display: $($display:ty),*; debug: $($debug:ty),*) => {
        $(impl Operand for $display {
            fn operand(&self) -> String {
                shown(self)
            }
        })*
        $(impl Operand for $debug {
            fn operand(&self) -> String {
                debugged(self)
            }
        })*
    };
}

fn shown(value: &dyn Display) -> String {
    format!(" {value}")
}

fn debugged(value: &dyn Debug) -> String {
    format!(" {value:?}")
}

operands!(
    display: u8, u32, i32, i64, wasmparser::ValType, wasmparser::RefType;
    debug: wasmparser::HeapType, [u8; 16], wasmparser::Ordering, wasmparser::ResumeTable, Vec<wasmparser::ValType>
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_read_as_in_the_text_format() {
        let shown = |text: &str| {
            let buffer = wast::parser::ParseBuffer::new(text).unwrap();
            let bytes = wast::parser::parse::<wast::Wat<'_>>(&buffer)
                .unwrap()
                .encode()
                .unwrap();
            let mut shown = Vec::new();
            for payload in wasmparser::Parser::new(0).parse_all(&bytes) {
                if let wasmparser::Payload::CodeSectionEntry(body) = payload.unwrap() {
                    for operator in body.get_operators_reader().unwrap() {
                        shown.push(instruction(&operator.unwrap()));
                    }
                }
            }
            shown.join("; ")
        };
        let text = "(module (memory 1) (func (param i32) (result i32)
            (block (br_table 0 0 (local.get 0)))
            (i32.load8_u offset=8 (i32.add (local.get 0) (i32.const -1)))))";
        assert_eq!(
            shown(text),
            "block; local.get 0; br_table 0 0; end; local.get 0; i32.const -1; i32.add; i32.load8_u offset=8; end"
        );
        let atomic = "(module (memory 1 1 shared) (func (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))";
        assert!(
            shown(atomic).contains("i32.atomic.rmw.add"),
            "{}",
            shown(atomic)
        );
    }
}
