//! Machine code as text: that of the executable, before addresses are filled in.

use crate::builtin::Builtin;
use crate::codegen::{Code, CodeReloc};
use crate::host::HostFunction;
use crate::names;
use crate::program::{FuncId, Program};
use crate::translate::namespace;
use cranelift_codegen::binemit::Reloc;
use cranelift_entity::EntityRef as _;
use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Formatter as _, GasFormatter, Instruction, Mnemonic,
    OpKind, SymbolResolver, SymbolResult,
};
use nativize_abi::{Trap, symbol};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A line of machine code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsmLine {
    /// The offset in the module of the function's own instruction that it comes from, or 0: for what comes from a body in the
    /// place of a call, that of the call.
    pub wasm_offset: u32,
    /// An offset in the function's code and what is there, or a remark after `;`.
    pub text: String,
}

/// The sections of the program's data, by their positions in [`Block::ALL`](crate::plan::Block::ALL).
const BLOCKS: [&str; 4] = [".rodata", ".data", ".bss", ".data.shared"];

/// The lines of code that knows where it comes from (see [`crate::codegen::Generator::listed`]).
pub(crate) fn lines(program: &Program<'_>, code: &Code) -> Vec<AsmLine> {
    let references = code.relocs.iter().map(|reloc| reference(program, reloc));
    let mut references = References(references.collect());
    references.0.sort_unstable_by_key(|reference| reference.at);
    let mut formatter = GasFormatter::with_options(Some(Box::new(references)), None);
    let options = formatter.options_mut();
    options.set_first_operand_char_index(8);
    options.set_space_after_operand_separator(true);
    options.set_uppercase_hex(false);
    options.set_branch_leading_zeros(false);
    let mut writer = Writer {
        code,
        program,
        formatter,
        scope: 0,
        lines: Vec::new(),
    };
    let end = u32::try_from(code.bytes.len()).expect("functions are smaller than 4 GiB");
    // Where instructions begin that those before may not lead to: blocks, and what traps.
    let mut starts: BTreeMap<u32, Option<Trap>> =
        code.blocks.iter().map(|&at| (at, None)).collect();
    starts.insert(0, None);
    let traps = code.sites.iter().filter(|site| site.trap.is_some());
    starts.extend(traps.map(|site| (site.pc, site.trap)));
    let ends = starts.keys().skip(1).copied().chain([end]);
    for ((&start, &trap), end) in starts.iter().zip(ends) {
        writer.run(start..end, trap);
    }
    writer.lines
}

struct Writer<'a> {
    code: &'a Code,
    program: &'a Program<'a>,
    formatter: GasFormatter,
    /// The body in the place of a call that the last line is from.
    scope: u32,
    lines: Vec<AsmLine>,
}

impl Writer<'_> {
    /// Instructions, of which the first may trap, and behind them what is none.
    fn run(&mut self, range: std::ops::Range<u32>, trap: Option<Trap>) {
        let bytes = &self.code.bytes[range.start as usize..range.end as usize];
        let mut decoder = Decoder::with_ip(64, bytes, range.start.into(), DecoderOptions::NONE);
        let mut pc = range.start;
        let mut last = FlowControl::Next;
        while decoder.can_decode() {
            let instruction = decoder.decode();
            let is_reached = match last {
                FlowControl::UnconditionalBranch | FlowControl::Return => {
                    instruction.mnemonic() == Mnemonic::Nop
                }
                FlowControl::IndirectBranch | FlowControl::Exception => false,
                _ => true,
            };
            if !is_reached || instruction.is_invalid() {
                break;
            }
            if instruction.mnemonic() != Mnemonic::Nop {
                last = instruction.flow_control();
            }
            let mut text = String::new();
            self.formatter.format(&instruction, &mut text);
            if let Some(trap) =
                trap.filter(|_| pc == range.start && instruction.mnemonic() == Mnemonic::Ud2)
            {
                let _ = write!(text, "  # {}", trap.message());
            }
            self.line(pc, &text);
            pc = u32::try_from(decoder.ip()).expect("it is in the code");
        }
        self.data(pc..range.end, last == FlowControl::IndirectBranch);
    }

    /// What lies between instructions: if it is a table of where a branch leads, distances from its beginning, else constants.
    fn data(&mut self, range: std::ops::Range<u32>, is_table: bool) {
        let unit = if is_table { 4 } else { 16 };
        let mut pc = range.start;
        while pc < range.end {
            // (Constants are aligned.)
            let aligned = if is_table { pc } else { pc - pc % unit };
            let end = range.end.min(aligned + unit);
            let bytes = &self.code.bytes[pc as usize..end as usize];
            let text = match <[u8; 4]>::try_from(bytes) {
                Ok(distance) if is_table => {
                    let distance = u32::from_le_bytes(distance);
                    let target = range.start.wrapping_add(distance);
                    format!(".long   {distance:#x}  # {target:#x}")
                }
                _ => {
                    let bytes: Vec<String> =
                        bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
                    format!(".byte   {}", bytes.join(", "))
                }
            };
            self.lines.push(AsmLine {
                wasm_offset: 0,
                text: format!("{pc:>5x}  {text}"),
            });
            pc = end;
        }
    }

    fn line(&mut self, pc: u32, text: &str) {
        let stretches = &self.code.stretches;
        let after = stretches.partition_point(|stretch| stretch.pc <= pc);
        let stretch = after.checked_sub(1).map(|index| &stretches[index]);
        let scope = stretch.map_or(0, |stretch| stretch.scope);
        let mut wasm_offset = stretch.map_or(0, |stretch| stretch.wasm_offset);
        let mut outer = scope;
        while let Some(number) = outer.checked_sub(1) {
            let body = &self.code.stretch_scopes[number as usize];
            (outer, wasm_offset) = (body.parent, crate::codegen::wasm_offset(body.call));
        }
        if scope != std::mem::replace(&mut self.scope, scope) {
            let text = match scope.checked_sub(1) {
                Some(number) => {
                    let body = &self.code.stretch_scopes[number as usize];
                    format!("; of {}", function_name(self.program, body.function))
                }
                None => "; of the function itself".to_owned(),
            };
            self.lines.push(AsmLine { wasm_offset, text });
        }
        let text = format!("{pc:>5x}  {text}");
        self.lines.push(AsmLine { wasm_offset, text });
    }
}

/// What stands at a place in the code that the linker fills in.
struct Reference {
    at: u32,
    name: String,
    addend: i64,
    /// It is the distance from that place.
    is_distance: bool,
}

fn reference(program: &Program<'_>, reloc: &CodeReloc) -> Reference {
    let (namespace, index) = reloc.target;
    let name = match namespace {
        namespace::FUNCTION => function_name(program, FuncId::new(index as usize)),
        namespace::INSTANTIATE => format!("[instantiate {index}]"),
        namespace::BLOCK => BLOCKS[index as usize].to_owned(),
        namespace::BUILTIN => Builtin::from_index(index).symbol().to_owned(),
        namespace::HOST => HostFunction::symbol_of(index).to_owned(),
        namespace::GUEST_FRAME => symbol::GUEST_FRAME.to_owned(),
        namespace::THROW => symbol::THROW.to_owned(),
        namespace::UNKNOWN_IMPORT => symbol::UNKNOWN_IMPORT.to_owned(),
        _ => format!("[thread of {index}]"),
    };
    Reference {
        at: reloc.offset,
        name,
        addend: reloc.addend,
        is_distance: reloc.kind != Reloc::Abs8,
    }
}

fn function_name(program: &Program<'_>, id: FuncId) -> String {
    names::of_function(program, id).unwrap_or_else(|| names::symbol(program, id))
}

/// All of a function's, ascending.
struct References(Vec<Reference>);

impl SymbolResolver for References {
    fn symbol(
        &mut self,
        instruction: &Instruction,
        _: u32,
        operand: Option<u32>,
        address: u64,
        _: u32,
    ) -> Option<SymbolResult<'_>> {
        // An instruction refers to one thing: with its address in memory, if it has one.
        if instruction.is_ip_rel_memory_operand()
            && operand.is_none_or(|operand| instruction.op_kind(operand) != OpKind::Memory)
        {
            return None;
        }
        let own = instruction.ip()..instruction.next_ip();
        let index = self
            .0
            .partition_point(|reference| u64::from(reference.at) < own.start);
        let reference = self
            .0
            .get(index)
            .filter(|found| own.contains(&found.at.into()))?;
        let mut addend = reference.addend;
        if reference.is_distance {
            addend += (own.end - u64::from(reference.at)).cast_signed();
        }
        let text = match addend {
            0 => reference.name.clone(),
            _ => format!("{}{addend:+#x}", reference.name),
        };
        Some(SymbolResult::with_string(address, text))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Program, function_code, parse};

    /// The lines of a module's function 0, each with its offset in the module.
    fn lines(text: &str) -> Vec<(u32, String)> {
        let wasm = wat::parse_str(text).unwrap();
        let module = parse(&wasm).unwrap();
        let program = Program::command(&module, Some("main")).unwrap();
        let code = function_code(&program, &Options::default(), &|index| index == 0).unwrap();
        let lines = code.into_iter().next().unwrap().asm.unwrap();
        let lines = lines.into_iter();
        lines.map(|line| (line.wasm_offset, line.text)).collect()
    }

    #[test]
    fn tables_and_constants_are_no_instructions() {
        let lines = lines(
            r#"(module (memory 1) (func (export "main") (param i32 f64) (result f64)
                (block (block (block (block (br_table 0 1 2 3 (local.get 0)))
                  (return (f64.mul (local.get 1) (f64.const 3.25))))
                  (return (f64.add (local.get 1) (f64.const 5.5))))
                  (return (f64.div (local.get 1) (f64.const 7.75))))
                (unreachable)))"#,
        );
        let all: Vec<&str> = lines.iter().map(|(_, text)| &**text).collect();
        let starts: Vec<&str> = all.iter().map(|line| line[..5].trim()).collect();
        let targets: Vec<&str> = all
            .iter()
            .filter(|line| line.contains(".long"))
            .map(|line| line.rsplit_once("0x").unwrap().1)
            .collect();
        assert_eq!(targets.len(), 4, "{all:?}");
        for target in targets {
            assert!(starts.contains(&target), "{target}: {all:?}");
        }
        assert!(
            all.iter().any(|line| line.contains("0x0a, 0x40")),
            "{all:?}"
        );
        assert!(
            all.iter().any(|line| line.ends_with("ud2  # unreachable")),
            "{all:?}"
        );
        assert!(!all.iter().any(|line| line.contains("bad")), "{all:?}");
    }

    #[test]
    fn instructions_know_where_they_come_from() {
        let lines = lines(
            r#"(module (memory 1) (global $g (mut i32) (i32.const 1))
                (func (export "main") (param i32) (result i32)
                  (call $small (local.get 0)) (i32.mul (global.get $g)) (drop (memory.grow (i32.const 1))))
                (func $small (param i32) (result i32) (i32.load offset=8 (local.get 0))))"#,
        );
        let at = |text: &str| lines.iter().position(|line| line.1.contains(text)).unwrap();
        let body = at("; of small");
        let own = at("; of the function itself");
        let load = at("0x10008(");
        assert!(body < load && load < own, "{lines:?}");
        // All of the body is the call's.
        assert!(lines[body].0 != 0);
        assert_eq!(lines[body].0, lines[load].0);
        let names = [at("call    nvz_memory_grow"), at(".data")];
        assert!(names.iter().all(|&name| name > own), "{lines:?}");
        assert!(lines[own].0 > lines[load].0, "{lines:?}");
    }
}
