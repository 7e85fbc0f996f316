//! The code of a function as bytes, and back.
//!
//! Offsets in a module count from the start of the function that they are in, plus 1; 0 is none. All numbers are LEB128.

use crate::codegen::{Code, CodeReloc, Compare, Kind};
use crate::optimize::Scope;
use crate::program::{FuncId, Program, number};
use crate::translate::Unit;
use crate::unwind::{Frame, Rule};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::SourceLoc;
use nativize_abi::Trap;
use nativize_abi::checks::Operand;
use nativize_abi::leb::{self, Reader, write_signed, write_unsigned};
use nativize_abi::program::Handler;
use nativize_abi::sites::Site;

/// The kinds of relocations, by their numbers.
const RELOCS: [Reloc; 4] = [
    Reloc::X86PCRel4,
    Reloc::X86CallPCRel4,
    Reloc::X86CallPLTRel4,
    Reloc::Abs8,
];

/// Where the bodies of a function and of its scopes start.
struct Starts<'a> {
    program: &'a Program<'a>,
    /// Of the function itself.
    own: u32,
}

impl<'a> Starts<'a> {
    fn new(program: &'a Program<'a>, unit: Unit) -> Option<Self> {
        let Unit::Function(id) = unit else {
            return None;
        };
        let own = start(program, id)?;
        Some(Starts { program, own })
    }

    /// Of the scope of a number.
    fn of(&self, scopes: &[Scope], number: u32) -> Option<u32> {
        match number.checked_sub(1) {
            None => Some(self.own),
            Some(at) => start(self.program, scopes.get(at as usize)?.function),
        }
    }
}

fn start(program: &Program<'_>, function: FuncId) -> Option<u32> {
    // It may come from bytes.
    program.functions.get(function)?;
    let (_, body) = program.body(function)?;
    u32::try_from(body.code.range().start).ok()
}

/// The bytes of an entry; nothing for code that has no such form.
pub(super) fn write(code: &Code, program: &Program<'_>, unit: Unit) -> Option<Vec<u8>> {
    let Code {
        bytes,
        align,
        relocs,
        sites,
        scopes,
        compares,
        handlers,
        unwind,
        // Builds for profiling keep nothing.
        stretches: _,
        stretch_scopes: _,
        blocks: _,
        // Builds with debug information use no cache.
        debug: _,
    } = code;
    let starts = Starts::new(program, unit)?;
    let mut out = Vec::with_capacity(bytes.len() + 16 + 4 * sites.len() + 8 * relocs.len());
    leb::write_bytes(&mut out, bytes);
    write_unsigned(&mut out, (*align).into());
    write_unsigned(&mut out, relocs.len() as u64);
    for reloc in relocs {
        let kind = RELOCS.iter().position(|&kind| kind == reloc.kind)?;
        let (namespace, index) = reloc.target;
        for number in [kind as u64, reloc.offset.into()] {
            write_unsigned(&mut out, number);
        }
        write_signed(&mut out, reloc.addend);
        for number in [namespace, index] {
            write_unsigned(&mut out, number.into());
        }
    }
    write_unsigned(&mut out, scopes.len() as u64);
    for scope in scopes {
        let offset = crate::codegen::wasm_offset(scope.call);
        let call = relative(offset, starts.of(scopes, scope.parent)?)?;
        for number in [number(scope.function), scope.parent, call] {
            write_unsigned(&mut out, number.into());
        }
    }
    write_unsigned(&mut out, sites.len() as u64);
    let mut pc = 0;
    for site in sites {
        let offset = relative(site.wasm_offset, starts.of(scopes, site.scope)?)?;
        let trap = site.trap.map_or(0, |trap| trap as u8);
        for number in [site.pc.checked_sub(pc)?, trap.into(), site.scope, offset] {
            write_unsigned(&mut out, number.into());
        }
        pc = site.pc;
    }
    write_unsigned(&mut out, compares.len() as u64);
    for compare in compares {
        for number in [compare.pc, compare.kind as u32, compare.second.into()] {
            write_unsigned(&mut out, number.into());
        }
        compare.value.write(&mut out);
    }
    write_unsigned(&mut out, handlers.len() as u64);
    for handler in handlers {
        let Handler {
            return_address,
            tag,
            target,
            frame_size,
        } = *handler;
        for number in [return_address, tag, target, frame_size] {
            write_unsigned(&mut out, number.into());
        }
    }
    write_unsigned(&mut out, unwind.rules.len() as u64);
    for &(at, rule) in &unwind.rules {
        let (kind, register, offset) = match rule {
            Rule::CfaOffset(offset) => (0, 0, offset),
            Rule::CfaRegister(register) => (1, register, 0),
            Rule::Saved(register, offset) => (2, register, offset),
        };
        for number in [at, kind, register.into()] {
            write_unsigned(&mut out, number.into());
        }
        write_signed(&mut out, offset.into());
    }
    Some(out)
}

/// The code of an entry; nothing if the bytes are malformed.
pub(super) fn read(bytes: &[u8], program: &Program<'_>, unit: Unit) -> Option<Code> {
    let starts = Starts::new(program, unit)?;
    let mut input = Input(Reader::new(bytes));
    let code = input.0.bytes()?.to_vec();
    let align = input.number()?;
    let relocs = input.list(|input| {
        Some(CodeReloc {
            kind: *RELOCS.get(input.number()? as usize)?,
            offset: input.number()?,
            addend: input.0.signed()?,
            target: (input.number()?, input.number()?),
        })
    })?;
    let mut scopes: Vec<Scope> = Vec::new();
    for _ in 0..input.count()? {
        let function = FuncId::from_u32(input.number()?);
        let parent = input.number()?;
        let call = match absolute(input.number()?, starts.of(&scopes, parent)?)? {
            0 => SourceLoc::default(),
            offset => SourceLoc::new(offset),
        };
        scopes.push(Scope {
            function,
            parent,
            call,
        });
    }
    let mut pc: u32 = 0;
    let sites = input.list(|input| {
        pc = pc.checked_add(input.number()?)?;
        let trap = match u8::try_from(input.number()?).ok()? {
            0 => None,
            code => Some(Trap::from_code(code)?),
        };
        let scope = input.number()?;
        let wasm_offset = absolute(input.number()?, starts.of(&scopes, scope)?)?;
        Some(Site {
            pc,
            trap,
            bytes: 0,
            scope,
            wasm_offset,
        })
    })?;
    let compares = input.list(|input| {
        let pc = input.number()?;
        let kind = Kind::from_code(input.number()?)?;
        let second = input.number()? != 0;
        let value = Operand::read(&mut input.0)?;
        Some(Compare {
            pc,
            value,
            kind,
            second,
        })
    })?;
    let handlers = input.list(|input| {
        Some(Handler {
            return_address: input.number()?,
            tag: input.number()?,
            target: input.number()?,
            frame_size: input.number()?,
        })
    })?;
    let rules = input.list(|input| {
        let (at, kind, register) = (input.number()?, input.number()?, input.number()?);
        let register = u16::try_from(register).ok()?;
        let offset = i32::try_from(input.0.signed()?).ok()?;
        let rule = match kind {
            0 => Rule::CfaOffset(offset),
            1 => Rule::CfaRegister(register),
            2 => Rule::Saved(register, offset),
            _ => return None,
        };
        Some((at, rule))
    })?;
    let unwind = Frame { rules };
    let complete = input.0.u8().is_none();
    complete.then_some(Code {
        bytes: code,
        align,
        relocs,
        sites,
        scopes,
        compares,
        stretches: Vec::new(),
        stretch_scopes: Vec::new(),
        blocks: Vec::new(),
        handlers,
        unwind,
        debug: None,
    })
}

fn relative(offset: u32, start: u32) -> Option<u32> {
    match offset {
        0 => Some(0),
        offset => Some(offset.checked_sub(start)? + 1),
    }
}

fn absolute(offset: u32, start: u32) -> Option<u32> {
    match offset {
        0 => Some(0),
        offset => start.checked_add(offset - 1),
    }
}

struct Input<'a>(Reader<'a>);

impl Input<'_> {
    fn number(&mut self) -> Option<u32> {
        u32::try_from(self.0.unsigned()?).ok()
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.0.unsigned()?).ok()
    }

    /// As many items as a number says; each takes at least a byte, so a wrong number ends with the bytes.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        (0..count).map(|_| item(self)).collect()
    }
}
