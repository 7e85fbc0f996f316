//! What is changed in the machine code of a function: shorter instructions, 32-bit addresses, aligned loops.
//!
//! Cranelift reserves four bytes for the distance of every branch and for most constants; most need one. It computes every
//! address in 64 bits; accesses that [`super::fold`] has made need a prefix. And it puts loops wherever they come to be.
//! So the code is decoded, block by block, what can be shorter is made short, the prefixes and what aligns are put in,
//! and everything that names a place in the code is moved: branches, accesses relative to the program counter, jump tables,
//! and what the compiler knows about the code. Only shapes that are fully understood are changed: at the first surprise
//! the code stays as it was.

mod align;
mod loops;
mod moves;
mod needless;
mod read;
mod short;

use crate::codegen::Code;
use loops::Loops;
use moves::Moves;
use read::Shape;

/// The code has a shape that is not understood.
#[derive(Debug)]
pub(crate) struct Refused;

/// What is to be changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changes<'a> {
    /// Instructions that have to compute their address in 32 bits, by their offsets, ascending.
    pub wrapping: &'a [u32],
    /// Instructions become shorter where they can.
    pub shortens: bool,
    /// Loops begin where few lines hold them.
    pub aligns: bool,
}

/// Makes the `changes` in `code`, whose blocks start at the offsets in `blocks`, the first behind the prologue. Where that is not known
/// no change is made.
///
/// # Errors
/// When the instructions could not get what they need; the code is as it was, and must not be used. Without such instructions
/// there are no errors.
pub(crate) fn rewrite(
    code: &mut Code,
    blocks: &[u32],
    changes: &Changes<'_>,
) -> Result<(), Refused> {
    let &Changes {
        wrapping,
        shortens,
        aligns,
    } = changes;
    if wrapping.is_empty() && !shortens && !aligns {
        return Ok(());
    }
    let is_known = !blocks.is_empty();
    let prologue = if blocks.first() == Some(&0) {
        None
    } else {
        Some(0)
    };
    let blocks: Vec<u32> = prologue.into_iter().chain(blocks.iter().copied()).collect();
    let relocated: Vec<u32> = {
        let mut offsets: Vec<u32> = code.relocs.iter().map(|reloc| reloc.offset).collect();
        offsets.sort_unstable();
        offsets
    };
    let landings: Vec<u32> = code.handlers.iter().map(|handler| handler.target).collect();
    let shape =
        is_known.then(|| Shape::read(&code.bytes, &blocks, &relocated, wrapping, &landings));
    let Some(mut shape) = shape.flatten() else {
        return if wrapping.is_empty() {
            Ok(())
        } else {
            Err(Refused)
        };
    };
    if !shortens {
        shape.short.clear();
        shape.needless.clear();
        for branch in &mut shape.branches {
            branch.short = false;
        }
    }
    let mut handlers: Vec<(u32, u32)> = code
        .handlers
        .iter()
        .map(|handler| (handler.return_address, handler.target))
        .collect();
    handlers.sort_unstable();
    let candidates = if aligns {
        align::candidates(&shape.blocks, &Loops::new(&shape.blocks, &handlers))
    } else {
        Vec::new()
    };
    moves::relax(&mut shape, &candidates);
    let moves = Moves::new(&shape, &candidates, code.bytes.len());
    if moves.is_empty() {
        return Ok(());
    }
    if moves.aligns() {
        code.align = code.align.max(align::LINE);
    }
    code.bytes = moves.rewritten(&code.bytes, &shape);
    for reloc in &mut code.relocs {
        reloc.offset = moves.of_code(reloc.offset);
    }
    for site in code.sites.iter_mut().chain(&mut code.stretches) {
        site.pc = moves.of_code(site.pc);
    }
    for start in &mut code.blocks {
        *start = moves.of_code(*start);
    }
    for compare in &mut code.compares {
        compare.pc = moves.of_code(compare.pc);
    }
    for handler in &mut code.handlers {
        handler.return_address = moves.of_code(handler.return_address);
        handler.target = moves.of_code(handler.target);
    }
    if let Some(debug) = &mut code.debug {
        debug.relocate(|offset| moves.of_code(offset));
    }
    Ok(())
}
