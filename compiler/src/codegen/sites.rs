//! What the compiler knows about places in a unit's machine code: sites, the scopes that they are in, and handlers.

use crate::optimize::{Origins, Scope};
use crate::translate::{WRAPPING, trap_of};
use cranelift_codegen::ir::{SourceLoc, TrapCode};
use cranelift_codegen::{Final, FinalizedMachExceptionHandler, MachBufferFinalized};
use nativize_abi::Trap;
use nativize_abi::program::{CATCH_ALL, Handler};
use nativize_abi::sites::Site;

/// Gathers the trap and call sites with their wasm offsets, and the scopes that they are in.
pub(super) fn sites(
    buffer: &MachBufferFinalized<Final>,
    origins: &Origins,
) -> (Vec<Site>, Vec<Scope>) {
    let locations = buffer.get_srclocs_sorted();
    // Where the instruction comes from that contains the byte at `pc`.
    let origin = |pc: u32| {
        let after = locations.partition_point(|range| range.start <= pc);
        let location = after
            .checked_sub(1)
            .map(|index| &locations[index])
            .filter(|range| pc < range.end);
        origins.resolve(location.map_or(SourceLoc::default(), |range| range.loc))
    };
    let site = |pc, trap, (scope, location)| Site {
        pc,
        trap,
        bytes: 0,
        scope,
        wasm_offset: wasm_offset(location),
    };
    let traps = buffer.traps().iter().map(|trap| {
        let kind = Some(contract_trap(trap.code).0);
        site(trap.offset, kind, origin(trap.offset))
    });
    let calls = buffer
        .call_sites()
        .map(|call| site(call.ret_addr, None, origin(call.ret_addr - 1)));
    let mut sites: Vec<Site> = traps.chain(calls).collect();
    sites.sort_by_key(|site| (site.pc, site.trap.is_some()));
    let scopes = used_scopes(&mut sites, &origins.scopes);
    (sites, scopes)
}

/// Gathers where each stretch of the code comes from: as sites of calls, of which each ends where the next one begins.
///
/// The optimizer makes instructions that come from none. They count for what comes next in their block, for which they
/// were mostly made, or for what came before. `blocks` are the offsets at which blocks begin, ascending.
pub(super) fn stretches(
    buffer: &MachBufferFinalized<Final>,
    blocks: &[u32],
    origins: &Origins,
) -> (Vec<Site>, Vec<Scope>) {
    let ranges = buffer.get_srclocs_sorted();
    let located: Vec<(u32, u32, SourceLoc)> = ranges
        .iter()
        .filter(|range| !range.loc.is_default() && range.start < range.end)
        .map(|range| (range.start, range.end, range.loc))
        .collect();
    let end = u32::try_from(buffer.data().len()).expect("functions are smaller than 4 GiB");
    let block_end = |pc| {
        let after = blocks.partition_point(|&start| start <= pc);
        blocks.get(after).copied().unwrap_or(end)
    };
    let mut stretches: Vec<Site> = Vec::new();
    let mut add = |pc, location| {
        let (scope, location) = origins.resolve(location);
        let wasm_offset = wasm_offset(location);
        let is_same = |last: &Site| (last.scope, last.wasm_offset) == (scope, wasm_offset);
        if !stretches.last().is_some_and(is_same) {
            stretches.push(Site {
                pc,
                trap: None,
                bytes: 0,
                scope,
                wasm_offset,
            });
        }
    };
    let (mut pc, mut before) = (0, SourceLoc::default());
    for (start, after, location) in located {
        // What lies between: block by block.
        while pc < start {
            let end = block_end(pc);
            add(pc, if start < end { location } else { before });
            pc = end.min(start);
        }
        add(start, location);
        (pc, before) = (after, location);
    }
    let scopes = used_scopes(&mut stretches, &origins.scopes);
    (stretches, scopes)
}

/// Where the instructions are that must compute their address in 32 bits, ascending.
pub(super) fn wrapping(buffer: &MachBufferFinalized<Final>) -> Vec<u32> {
    traps(buffer, |code| code == WRAPPING)
}

/// Where the traps are that follow from the second of an instruction's checks, ascending.
pub(super) fn second(buffer: &MachBufferFinalized<Final>) -> Vec<u32> {
    traps(buffer, |code| contract_trap(code).1)
}

/// Where traps are, of those codes, ascending.
fn traps(buffer: &MachBufferFinalized<Final>, of: impl Fn(TrapCode) -> bool) -> Vec<u32> {
    let traps = buffer.traps().iter().filter(|trap| of(trap.code));
    let mut found: Vec<u32> = traps.map(|trap| trap.offset).collect();
    found.sort_unstable();
    found
}

/// An offset in the module; 0 for none.
pub(crate) fn wasm_offset(location: SourceLoc) -> u32 {
    if location.is_default() {
        0
    } else {
        location.bits()
    }
}

/// The scopes that sites are in, themselves or what is in them, with new numbers.
fn used_scopes(sites: &mut [Site], scopes: &[Scope]) -> Vec<Scope> {
    let mut numbers = vec![0; scopes.len() + 1];
    for site in &*sites {
        numbers[site.scope as usize] = 1;
    }
    // A scope comes after the one that it is in.
    for (index, scope) in scopes.iter().enumerate().rev() {
        let used: u32 = numbers[index + 1];
        numbers[scope.parent as usize] |= used;
    }
    numbers[0] = 0;
    let mut kept: Vec<Scope> = Vec::new();
    for (number, scope) in (1..).zip(scopes) {
        if numbers[number] != 0 {
            let parent = numbers[scope.parent as usize];
            kept.push(Scope { parent, ..*scope });
            numbers[number] = u32::try_from(kept.len()).expect("fewer than calls");
        }
    }
    for site in sites {
        site.scope = numbers[site.scope as usize];
    }
    kept
}

/// Gathers the handlers of calls. Call sites come in the order of the code.
pub(super) fn handlers(buffer: &MachBufferFinalized<Final>) -> Vec<Handler> {
    let mut handlers = Vec::new();
    for call in buffer.call_sites() {
        for handler in call.exception_handlers {
            let (tag, target) = match *handler {
                FinalizedMachExceptionHandler::Tag(tag, target) => (tag.as_u32(), target),
                FinalizedMachExceptionHandler::Default(target) => (CATCH_ALL, target),
                FinalizedMachExceptionHandler::Context(_) => {
                    unreachable!("tags are known without a context")
                }
            };
            handlers.push(Handler {
                return_address: call.ret_addr,
                tag,
                target,
                frame_size: call.frame_offset.expect("the back end gives it"),
            });
        }
    }
    handlers
}

/// The contract's trap for a code in the machine code, and whether it follows from the second of an instruction's checks.
fn contract_trap(code: TrapCode) -> (Trap, bool) {
    let trap = match code {
        WRAPPING => Trap::MemoryOutOfBounds,
        TrapCode::STACK_OVERFLOW => Trap::StackExhausted,
        TrapCode::HEAP_OUT_OF_BOUNDS => Trap::MemoryOutOfBounds,
        TrapCode::INTEGER_OVERFLOW => Trap::IntegerOverflow,
        TrapCode::INTEGER_DIVISION_BY_ZERO => Trap::IntegerDivideByZero,
        TrapCode::BAD_CONVERSION_TO_INTEGER => Trap::InvalidConversionToInteger,
        user => return trap_of(user),
    };
    (trap, false)
}
