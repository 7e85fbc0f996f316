//! Calls, returns, and branches whose target is computed.

use iced_x86::Instruction;

use super::access::Place;
use super::flow::{PARAMETERS, Prover, Stop};
use super::origins::{Class, Origin};
use super::program::Types;
use super::state::{KEPT, R15, RAX, RSP, State};
use super::summary::{Kind, Store};
use super::value::{Base, U32_MAX, Value, defined_symbol, result_symbol};

impl Prover<'_, '_> {
    /// A call of an address. Whether it returns.
    pub(super) fn call(
        &mut self,
        it: &Instruction,
        target: u64,
        state: &mut State,
    ) -> Result<bool, Stop> {
        let top = self.top(state)?;
        self.touch(state, top - 8)?;
        // What a callee has below the stack pointer would be the caller's.
        if top > 0 {
            return self.rejected("a call with a stack pointer above the function's frame");
        }
        // Null, which faults.
        if target == 0 {
            return Ok(false);
        }
        if let Some(&callee) = self.program.starts.get(&target) {
            let takes = self.takes(callee);
            let result = Origin::Result(callee, RAX as u8);
            self.note_arguments(Callees::One(callee), state, &takes, top - 8);
            if self.summaries.is_entry(callee) {
                return self.rejected("a call of what only the runtime may call");
            }
            return self.guest_call(it, &takes, result, state);
        }
        if self
            .program
            .functions
            .iter()
            .any(|function| function.start < target && target < function.end())
        {
            return self.rejected("a call into the middle of a function");
        }
        match self.program.file.runtime.get(&target).copied() {
            Some(name) if super::runtime::is_callable(name) => self.runtime_call(it, name, state),
            Some(_) => {
                self.rejected("a call of a function of the runtime that is not for guest code")
            }
            None => self.rejected("a call of an address that is no function"),
        }
    }

    fn top(&self, state: &State) -> Result<i64, Stop> {
        match state.registers[RSP].as_stack() {
            Some(top) => Ok(top),
            None => self.unproven("the stack pointer is not known"),
        }
    }

    fn guest_call(
        &mut self,
        it: &Instruction,
        takes: &Takes,
        result: Origin,
        state: &mut State,
    ) -> Result<bool, Stop> {
        let top = self.top(state)?;
        self.thread_register(state)?;
        let pop = takes.pop;
        let arguments = i64::from(pop.unwrap_or(takes.arguments));
        self.lend_frames(&takes.frames, arguments, state)?;
        if top + arguments > 0 {
            return self.rejected("a call whose parameters are not in the caller's frame");
        }
        state.forget_slots(top - 8, 8 + arguments);
        self.frame_record(state)?;
        self.handlers(it, state)?;
        if pop.is_none() {
            return Ok(false);
        }
        self.after_call(state);
        state.registers[RSP] = Value::stack(top + arguments);
        state.registers[RAX].origins = self.origins.one(result);
        Ok(true)
    }

    /// In a program that starts threads, guest code keeps the thread in a register.
    pub(super) fn thread_register(&self, state: &State) -> Result<(), Stop> {
        let thread = Value::based(Base::Thread, 0);
        if self.summaries.thread.is_some() && state.registers[R15] != thread {
            return self.rejected("the register of the thread is not as it was");
        }
        Ok(())
    }

    /// Where a callee writes to its caller's frame, it is this one's, and not where its parameters are.
    fn lend_frames(
        &mut self,
        frames: &[u32; 16],
        arguments: i64,
        state: &mut State,
    ) -> Result<(), Stop> {
        for (register, &size) in frames.iter().enumerate() {
            if size == 0 {
                continue;
            }
            let value = state.registers[register];
            if let Some(offset) = value.as_stack() {
                let top = self.top(state)?;
                if offset < top + arguments || offset + i64::from(size) > 0 {
                    return self.unproven("a callee would write outside of the caller's frame");
                }
                state.forget_slots(offset, size.into());
            } else if !self.is_lent(&value, size.into()) {
                return self
                    .unproven("a callee needs a place in the caller's frame, and does not get it");
            }
        }
        Ok(())
    }

    /// What a call leaves: the registers that are kept, and the frame, but nothing below the stack pointer.
    pub(super) fn after_call(&mut self, state: &mut State) {
        state.forget_below(state.registers[RSP].as_stack().unwrap_or(i64::MAX));
        for index in 0..16 {
            if index == RSP || KEPT.contains(&index) {
                continue;
            }
            let symbol = result_symbol(self.offset(), index as u32);
            state.registers[index] = Value::of(symbol, 0, u64::MAX);
        }
        state.flags = super::state::Flags::Unknown;
        state.cells.clear();
        state.carried.clear();
        state.exceptions_are_gone();
        // A table that grew is elsewhere.
        let moves = |value: &Value| matches!(value.base, Base::StartOfTable(_));
        for place in state.places(moves) {
            *place = Value::UNKNOWN;
        }
    }

    /// A call of a function by its reference.
    pub(super) fn indirect_call(
        &mut self,
        it: &Instruction,
        state: &mut State,
    ) -> Result<bool, Stop> {
        let top = self.top(state)?;
        self.touch(state, top - 8)?;
        let callee = self.callee(it, state)?;
        match callee {
            Callee::Address(target) => self.call(it, target, state),
            Callee::Class(class) => {
                let takes = self.class(class)?;
                self.note_arguments(Callees::Class(class), state, &takes, top - 8);
                let result = Origin::ClassResult(class, RAX as u8);
                self.guest_call(it, &takes, result, state)
            }
        }
    }

    /// What a register or a place in memory refers to.
    fn callee(&mut self, it: &Instruction, state: &mut State) -> Result<Callee, Stop> {
        let value = match it.op0_kind() {
            iced_x86::OpKind::Register => state.registers[it.op0_register().number()],
            _ => {
                let address = self.address(it, state);
                // The table of the runtime's functions.
                if let Some(constant) = address.as_constant()
                    && let Some(segment) = self.program.file.segment(constant, 8)
                    && !segment.writable
                    && let Some(target) = self.program.file.number(constant, 8)
                    && self.program.file.runtime.contains_key(&target)
                {
                    return Ok(Callee::Address(target));
                }
                return self.unproven("a call through memory");
            }
        };
        if let Some(constant) = value.as_constant() {
            return Ok(Callee::Address(constant));
        }
        if value.origins == 0 || value.base != Base::Number {
            return self.unproven("a call of what is not shown to be a reference");
        }
        self.demand(Kind::Function, &value);
        let identity = state.identities.iter().find(|known| {
            known.0 == value.symbol && value.symbol != 0 && value.add == 0 && value.shift == 0
        });
        if let Some(&(_, identity)) = identity {
            return Ok(Callee::Class(Class::Identity(identity)));
        }
        if self.has_several_types(&value) {
            return self.unproven("a call by a table's entry whose type was not compared");
        }
        let offset = self.offset();
        let from = self.outcome.calls.entry(offset).or_default();
        from.extend(self.origins.get(value.origins));
        Ok(Callee::Class(Class::Call(self.index, offset)))
    }

    /// Whether a reference comes from a table with functions of several types.
    fn has_several_types(&self, value: &Value) -> bool {
        let mut found = None;
        for origin in self.origins.get(value.origins) {
            let Origin::Cells(low, high) = *origin else {
                continue;
            };
            match self.program.types_in(low, high) {
                Types::None => {}
                Types::One(identity) if found.is_none_or(|found| found == identity) => {
                    found = Some(identity);
                }
                _ => return true,
            }
        }
        false
    }

    /// What all functions of a class have in common; without an identity, what all functions have that a reference may be of.
    fn class(&mut self, class: Class) -> Result<Takes, Stop> {
        let identity = match class {
            Class::Identity(identity) => Some(identity),
            Class::Call(..) => None,
        };
        self.outcome.classes.insert(identity);
        let program = self.program;
        let members = match identity {
            Some(identity) => program
                .classes
                .get(&identity)
                .map_or(&[][..], Vec::as_slice),
            None => &program.referenced,
        };
        let mut common = None;
        let mut frames = [0; 16];
        let mut arguments = 0;
        for &member in members {
            if self.summaries.is_entry(member) {
                return self.rejected("a call that may be of what only the runtime may call");
            }
            let pop = self.summaries.pops[member as usize];
            if let Some(pop) = pop {
                if common.is_some_and(|common| common != pop) {
                    return self.unproven("a call of functions that take different parameters");
                }
                common = Some(pop);
            }
            arguments = arguments.max(self.summaries.arguments[member as usize]);
            let of_member = self.summaries.frames[member as usize];
            for (needed, of_member) in frames.iter_mut().zip(of_member) {
                *needed = (*needed).max(of_member);
            }
        }
        if common.is_some_and(|common| common < arguments) {
            return self.unproven("a call of functions that take different parameters");
        }
        Ok(Takes {
            pop: common,
            arguments,
            frames,
        })
    }

    /// What is passed, with the return address at a place of the stack.
    fn note_arguments(
        &mut self,
        callees: Callees,
        state: &State,
        takes: &Takes,
        return_address: i64,
    ) {
        if !self.summaries.keeps_arguments {
            return;
        }
        let bytes = takes.pop.unwrap_or(takes.arguments);
        for offset in (8..8 + bytes.cast_signed()).step_by(8) {
            let value = state.slot(return_address + i64::from(offset));
            let origins = self.reference(&value);
            let set = (origins != 0).then(|| self.origins.get(origins).to_vec());
            self.outcome.stores.insert(Store {
                place: match callees {
                    Callees::One(callee) => Origin::Argument(callee, offset),
                    Callees::Class(class) => Origin::ClassArgument(class, offset),
                },
                origins: set,
                high: u64::MAX,
            });
        }
        for register in PARAMETERS {
            let value = state.registers[register];
            let origins = self.reference(&value);
            let set = (origins != 0).then(|| self.origins.get(origins).to_vec());
            let register = register as u8;
            let place = match callees {
                Callees::One(callee) => Origin::Parameter(callee, register),
                Callees::Class(class) => Origin::ClassParameter(class, register),
            };
            self.outcome.stores.insert(Store {
                place,
                origins: set,
                high: u64::MAX,
            });
        }
    }

    /// The function ends: the stack and the registers are as the caller expects.
    fn leaves(&mut self, state: &State) -> Result<(), Stop> {
        for register in KEPT {
            let value = state.registers[register];
            let is_thread = register == R15
                && self.summaries.thread.is_some()
                && !self.summaries.is_entry(self.index)
                && value == Value::based(Base::Thread, 0);
            // Who enters from the runtime takes the thread's register for lost.
            let is_lost = register == R15
                && self.summaries.thread.is_some()
                && self.summaries.is_entry(self.index);
            if !value.is_as_entered(register) && !is_thread && !is_lost {
                return self.rejected("a register that the caller needs is not as it was");
            }
        }
        Ok(())
    }

    pub(super) fn return_(&mut self, it: &Instruction, state: &mut State) -> Result<(), Stop> {
        let top = self.top(state)?;
        let pop = if it.op_count() == 0 {
            0
        } else {
            u32::from(it.immediate16())
        };
        if state.slot(top).base != Base::ReturnAddress {
            return self.rejected("a return to what is not the return address");
        }
        self.leaves(state)?;
        // What comes to lie above the return address then is the caller's.
        let Ok(after) = u32::try_from(top + i64::from(pop)) else {
            return self.rejected("a return with a stack pointer that is not the caller's");
        };
        let value = state.registers[RAX];
        let set = self.reference(&value);
        if self.summaries.keeps_arguments {
            let set = (set != 0).then(|| self.origins.get(set).to_vec());
            let store = Store {
                place: Origin::Result(self.index, RAX as u8),
                origins: set,
                high: u64::MAX,
            };
            self.outcome.stores.insert(store);
        }
        self.pops(after, true);
        Ok(())
    }

    /// The function takes so many bytes of parameters off the stack.
    ///
    /// What a tail call says depends on what is known of its callee so far; what a return says does not.
    fn pops(&mut self, bytes: u32, by_return: bool) {
        if self.outcome.pop.is_some_and(|other| other != bytes) {
            self.uneven.get_or_insert(self.at);
        }
        if by_return || self.outcome.pop.is_none() {
            self.outcome.pop = Some(bytes);
        }
    }

    pub(super) fn tail_call(&mut self, target: u64, state: &mut State) -> Result<(), Stop> {
        if target == 0 {
            return Ok(());
        }
        let Some(&callee) = self.program.starts.get(&target) else {
            return self.rejected("a branch leaves the function for what is no function");
        };
        if self.summaries.is_entry(callee) {
            return self.rejected("a call of what only the runtime may call");
        }
        let takes = self.takes(callee);
        let top = self.top(state)?;
        self.note_arguments(Callees::One(callee), state, &takes, top);
        self.leave_for(&takes, Origin::Result(callee, RAX as u8), state)
    }

    fn takes(&mut self, callee: u32) -> Takes {
        self.outcome.callees.insert(callee);
        let callee = callee as usize;
        Takes {
            pop: self.summaries.pops[callee],
            arguments: self.summaries.arguments[callee],
            frames: self.summaries.frames[callee],
        }
    }

    fn leave_for(&mut self, takes: &Takes, result: Origin, state: &mut State) -> Result<(), Stop> {
        let top = self.top(state)?;
        if state.slot(top).base != Base::ReturnAddress {
            return self.rejected("a tail call without the return address");
        }
        self.thread_register(state)?;
        self.leaves(state)?;
        for (register, &size) in takes.frames.iter().enumerate() {
            if size > 0 && state.registers[register].as_stack().is_some() {
                return self
                    .unproven("a tail call lets its callee write to the frame that it leaves");
            }
        }
        self.lend_frames(&takes.frames, 0, state)?;
        let result = Store {
            place: Origin::Result(self.index, RAX as u8),
            origins: Some(vec![result]),
            high: u64::MAX,
        };
        if self.summaries.keeps_arguments {
            self.outcome.stores.insert(result);
        }
        let Some(pop) = takes.pop else {
            // It never returns; what it reads has to be this function's.
            let end = top.saturating_add(takes.arguments.into());
            if !self.has_parameters(end) {
                return self.unproven("a tail call whose parameters are not in the frame");
            }
            return Ok(());
        };
        match u32::try_from(top + i64::from(pop)) {
            Ok(bytes) => {
                self.pops(bytes, false);
                Ok(())
            }
            Err(_) => self.rejected("a tail call with a stack pointer that is not the caller's"),
        }
    }

    /// A jump through a table, or a tail call by a reference.
    pub(super) fn indirect_branch(
        &mut self,
        it: &Instruction,
        state: &mut State,
    ) -> Result<(), Stop> {
        if it.op0_kind() != iced_x86::OpKind::Register {
            return self.unproven("a branch through memory");
        }
        let value = state.registers[it.op0_register().number()];
        if value.base != Base::JumpTarget {
            return match self.callee(it, state)? {
                Callee::Address(target) => self.tail_call(target, state),
                Callee::Class(class) => {
                    let takes = self.class(class)?;
                    let top = self.top(state)?;
                    self.note_arguments(Callees::Class(class), state, &takes, top);
                    let result = Origin::ClassResult(class, RAX as u8);
                    self.leave_for(&takes, result, state)
                }
            };
        }
        self.claim(value.low, value.high + 4)?;
        let mut targets = Vec::new();
        for entry in (value.low..=value.high).step_by(4) {
            let Some(distance) = self.program.file.number(entry, 4) else {
                return self.rejected("a table of branch targets is outside of the file");
            };
            let distance = i64::from((distance as u32).cast_signed());
            let target = value.add.wrapping_add(distance).cast_unsigned();
            if target < self.function.start || target >= self.function.end() {
                return self.rejected("a table of branch targets leaves the function");
            }
            targets.push((target - self.function.start) as u32);
        }
        targets.sort_unstable();
        targets.dedup();
        for target in targets {
            self.go(target, state, 0)?;
        }
        Ok(())
    }

    /// A sign-extended number of 32 bits is loaded: that of a table of branch targets, or any.
    pub(super) fn load_distance(
        &mut self,
        it: &Instruction,
        state: &mut State,
    ) -> Result<(), Stop> {
        let address = self.address(it, state);
        let register = it.op0_register();
        let symbol = defined_symbol(self.offset());
        // Not between two of them.
        let base = it.memory_base();
        let is_entry = it.memory_index_scale() == 4
            && base.is_gpr64()
            && state.registers[base.number()].as_constant().is_some();
        let value = match self.place(state, &address, 4, false)? {
            Place::Code(low, end) if is_entry && register.is_gpr64() => Value {
                base: Base::JumpOffset,
                low,
                high: end - 4,
                ..Value::UNKNOWN
            },
            _ if register.is_gpr64() => Value::of(symbol, 0, u64::MAX),
            _ => Value::of(symbol, 0, U32_MAX),
        };
        state.registers[register.full_register().number()] = value;
        Ok(())
    }
}

/// What a callee needs of its caller's stack.
pub(super) struct Takes {
    /// The bytes of parameters that it takes off, if it returns.
    pop: Option<u32>,
    /// Those that it reads, if it does not.
    arguments: u32,
    /// By register: the bytes that it writes where that points to.
    frames: [u32; 16],
}

/// What is called.
pub(super) enum Callee {
    Address(u64),
    Class(Class),
}

/// Who gets what is passed.
#[derive(Clone, Copy)]
enum Callees {
    One(u32),
    Class(Class),
}
