//! What only linked modules have: tables and memories that grow, typed references, exceptions in both forms, atomics.

use super::{Body, memory};
use wasm_encoder::{BlockType, Catch, Function, HeapType, Instruction, MemArg, RefType, ValType};

/// The types of tags, and of what their handlers take in the newer form.
pub(super) const TAG_TYPES: [u32; 2] = [4, 5];
const CAUGHT_TYPES: [u32; 2] = [6, 7];
/// The type of a start function.
pub(super) const START: u32 = 8;

/// A reference to a function of type 0, or null.
pub(super) const TYPED: RefType = RefType {
    nullable: true,
    heap_type: HeapType::Concrete(0),
};

/// The form of `try`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Legacy,
    /// `try_table`.
    Standard,
}

/// What a module has; by default nothing of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct More {
    pub(super) memories: u32,
    pub(super) shared: bool,
    pub(super) typed: bool,
    pub(super) exceptions: Option<Form>,
    /// What compiled programs have besides, in any module: arrays at constant addresses, fields that are read and written in
    /// turn, constant operands.
    pub(super) statics: bool,
}

impl More {
    pub(super) fn is_on(&self) -> bool {
        self.memories > 0
    }

    pub(super) fn memories(&self) -> u32 {
        self.memories
    }

    pub(super) fn locals(&self) -> Vec<(u32, ValType)> {
        let mut locals = Vec::new();
        if self.is_on() {
            let ty = if self.typed {
                ValType::Ref(TYPED)
            } else {
                ValType::I32
            };
            locals.push((2, ty));
        }
        if self.exceptions == Some(Form::Standard) {
            locals.push((1, ValType::EXNREF));
        }
        locals
    }
}

impl Body<'_> {
    pub(super) fn further(&mut self, code: &mut Function, depth: usize) {
        match self.random.below(8) {
            0 => {
                self.element(code);
                self.reference(code);
                code.instructions().table_set(0);
            }
            1 => {
                self.reference(code);
                self.int(code, 1);
                code.instructions()
                    .i32_const(1)
                    .i32_and()
                    .table_grow(0)
                    .local_set(self.random.pick(&self.locals.i32s));
            }
            2 if self.more.memories > 1 => {
                for _ in 0..2 {
                    self.address(code, 1);
                }
                self.int(code, 1);
                code.instructions().i32_const(127).i32_and();
                if self.wide {
                    code.instructions().i64_extend_i32_u();
                }
                let (to, from) = self.random.pick(&[(0, 1), (1, 0), (1, 1)]);
                code.instructions().memory_copy(to, from);
            }
            3 if self.more.typed => {
                if self.random.chance(3) {
                    self.element(code);
                    code.instructions().i32_const(3).i32_and().table_get(1);
                } else {
                    self.typed(code);
                }
                code.instructions()
                    .local_set(self.random.pick(&self.locals.refs));
            }
            4 if self.more.typed => {
                self.element(code);
                code.instructions().i32_const(3).i32_and();
                self.typed(code);
                code.instructions().table_set(1);
            }
            5 if self.more.exceptions.is_some() => self.throw(code),
            6 if self.more.exceptions.is_some() => self.try_(code, depth),
            7 => {
                let ty = self.random.below(3);
                self.atomic_address(code, ty);
                self.int(code, 1);
                let place = self.atomic_place(ty);
                match ty {
                    0 => code.instructions().i32_atomic_store8(place),
                    1 => code.instructions().i32_atomic_store16(place),
                    _ => code.instructions().i32_atomic_store(place),
                };
            }
            _ => {
                self.int(code, depth);
                code.instructions().global_set(0);
            }
        }
    }

    pub(super) fn further_int(&mut self, code: &mut Function, depth: usize) {
        match self.random.below(10) {
            0 => self.size(code),
            1 => {
                if self.wide {
                    code.instructions()
                        .i64_const(self.random.pick(&[0, 1]))
                        .memory_grow(0)
                        .i32_wrap_i64();
                } else {
                    code.instructions()
                        .i32_const(self.random.pick(&[0, 1]))
                        .memory_grow(0);
                }
            }
            2 if self.more.typed && self.calls => self.call_typed(code, depth),
            3 if self.more.typed => {
                code.instructions()
                    .local_get(self.random.pick(&self.locals.refs))
                    .ref_is_null();
            }
            4..6 => self.atomic(code, depth),
            6 if self.more.shared => {
                self.atomic_address(code, 2);
                self.int(code, depth);
                let place = self.atomic_place(2);
                if self.random.chance(2) {
                    code.instructions()
                        .i64_const(self.random.pick(&[0, 1]))
                        .memory_atomic_wait32(place);
                } else {
                    code.instructions().memory_atomic_notify(place);
                }
            }
            7 => {
                code.instructions().global_get(0);
            }
            _ => self.with_constant(code, depth),
        }
    }

    /// An operation with the constants that compilers like: masks, shifts, steps back.
    pub(super) fn with_constant(&mut self, code: &mut Function, depth: usize) {
        use Instruction as I;
        self.int(code, depth);
        let constants = [
            1,
            2,
            3,
            4,
            7,
            8,
            16,
            31,
            0x7f,
            0x80,
            0xff,
            0x7fff,
            0x8000,
            0xffff,
            0xff00,
            -1,
            -2,
            -4,
            -8,
            -256,
            i32::MAX,
            i32::MIN,
        ];
        code.instructions().i32_const(self.random.pick(&constants));
        let operators = [
            I::I32And,
            I::I32And,
            I::I32Or,
            I::I32Xor,
            I::I32Add,
            I::I32Add,
            I::I32Sub,
            I::I32Mul,
            I::I32Shl,
            I::I32ShrU,
            I::I32ShrS,
            I::I32Rotl,
            I::I32Eq,
            I::I32Ne,
            I::I32LtS,
            I::I32LtU,
        ];
        code.instruction(self.random.pick(&operators.each_ref()));
    }

    /// What is added to an address to go backwards: the sum has to wrap.
    pub(super) fn backwards(&mut self, code: &mut Function) {
        match self.locals.counters.get(self.nesting.wrapping_sub(1)) {
            Some(&counter) => code.instructions().local_get(counter),
            None => code
                .instructions()
                .local_get(self.random.pick(&self.locals.i32s)),
        };
        code.instructions()
            .i32_const(self.random.pick(&[-16, -256, -4096]))
            .i32_or();
    }

    fn size(&mut self, code: &mut Function) {
        if self.random.chance(2) {
            code.instructions().table_size(0);
            return;
        }
        code.instructions().memory_size(0);
        if self.wide {
            code.instructions().i32_wrap_i64();
        }
    }

    /// An index of the table, mostly inside.
    fn element(&mut self, code: &mut Function) {
        self.int(code, 1);
        if !self.random.chance(12) {
            code.instructions().i32_const(5).i32_and();
        }
    }

    fn reference(&mut self, code: &mut Function) {
        match self.random.below(8) {
            0 => {
                code.instructions().ref_null(HeapType::FUNC);
            }
            1 => {
                self.element(code);
                code.instructions().table_get(0);
            }
            _ => {
                code.instructions().ref_func(self.random.below(4) as u32);
            }
        }
    }

    fn typed(&mut self, code: &mut Function) {
        if self.random.chance(5) {
            code.instructions().ref_null(HeapType::Concrete(0));
        } else {
            code.instructions().ref_func(self.random.pick(&[0, 2]));
        }
    }

    fn call_typed(&mut self, code: &mut Function, depth: usize) {
        let local = self.random.pick(&self.locals.refs);
        match self.random.below(4) {
            0 => {
                self.int(code, depth);
                self.int(code, depth);
                code.instructions().local_get(local).call_ref(0);
            }
            1 => {
                self.int(code, depth);
                self.int(code, depth);
                self.element(code);
                code.instructions()
                    .i32_const(3)
                    .i32_and()
                    .table_get(1)
                    .ref_as_non_null()
                    .call_ref(0);
            }
            _ => {
                code.instructions()
                    .block(BlockType::Result(ValType::I32))
                    .block(BlockType::Empty)
                    .local_get(local)
                    .br_on_null(0)
                    .drop();
                self.int(code, depth);
                self.int(code, depth);
                code.instructions()
                    .local_get(local)
                    .call_ref(0)
                    .br(1)
                    .end()
                    .i32_const(-7)
                    .end();
            }
        }
    }

    fn throw(&mut self, code: &mut Function) {
        let tag = self.random.below(2);
        self.int(code, 1);
        code.instructions().if_(BlockType::Empty);
        if tag == 1 {
            self.long(code, 1);
        }
        self.int(code, 1);
        code.instructions().throw(tag as u32).end();
    }

    /// A block with a handler; both forms are made by the same choices and do the same.
    fn try_(&mut self, code: &mut Function, depth: usize) {
        let legacy = self.more.exceptions == Some(Form::Legacy);
        if self.random.chance(8) {
            // What is left to the block around is what would reach it anyway.
            if legacy {
                code.instructions().try_(BlockType::Empty);
                self.statements(code, depth);
                code.instructions().delegate(0);
            } else {
                code.instructions().block(BlockType::Empty);
                self.statements(code, depth);
                code.instructions().end();
            }
            return;
        }
        let tag = self.random.below(2);
        let (other, rethrows) = (self.random.chance(2), self.random.chance(3));
        let exception = self.locals.exception;
        if legacy {
            code.instructions().try_(BlockType::Empty);
            self.statements(code, depth);
            code.instructions().catch(tag as u32);
        } else {
            code.instructions().block(BlockType::Empty);
            let mut catches = vec![Catch::OneRef {
                tag: tag as u32,
                label: 0,
            }];
            if other {
                code.instructions()
                    .block(BlockType::Result(ValType::EXNREF));
                catches.push(Catch::AllRef { label: 1 });
            }
            code.instructions()
                .block(BlockType::FunctionType(CAUGHT_TYPES[tag]))
                .try_table(BlockType::Empty, catches);
            self.statements(code, depth);
            code.instructions()
                .end()
                .br(if other { 2 } else { 1 })
                .end()
                .local_set(exception);
        }
        code.instructions()
            .local_set(self.random.pick(&self.locals.i32s));
        if tag == 1 {
            code.instructions()
                .local_set(self.random.pick(&self.locals.i64s));
        }
        if rethrows {
            self.rethrow(code, legacy);
        }
        self.statements(code, depth);
        if other {
            if legacy {
                code.instructions().catch_all();
            } else {
                code.instructions().br(1).end().local_set(exception);
            }
            if self.random.chance(4) {
                self.rethrow(code, legacy);
            }
            self.statements(code, depth);
        }
        code.instructions().end();
    }

    /// Throws what was caught once more, or does not.
    fn rethrow(&mut self, code: &mut Function, legacy: bool) {
        self.int(code, 1);
        code.instructions().if_(BlockType::Empty);
        if legacy {
            code.instructions().rethrow(1);
        } else {
            code.instructions()
                .local_get(self.locals.exception)
                .throw_ref();
        }
        code.instructions().end();
    }

    /// An address, mostly of the alignment that an access of that width needs.
    fn atomic_address(&mut self, code: &mut Function, width: usize) {
        self.address(code, 1);
        if self.random.chance(20) {
            return;
        }
        let mask = -(1i32 << width);
        if self.wide {
            code.instructions().i64_const(mask.into()).i64_and();
        } else {
            code.instructions().i32_const(mask).i32_and();
        }
    }

    fn atomic_place(&mut self, width: usize) -> MemArg {
        let offset = match self.random.below(20) {
            0 => self.random.below(64) as u64,
            1 => 0x10000,
            at => (at as u64 % 4) << width,
        };
        MemArg {
            offset,
            align: width as u32,
            ..memory()
        }
    }

    fn atomic(&mut self, code: &mut Function, depth: usize) {
        use Instruction as I;
        let width = self.random.below(4);
        self.atomic_address(code, width);
        let place = self.atomic_place(width);
        let form = self.random.below(8);
        if form == 0 {
            code.instruction(&match width {
                0 => I::I32AtomicLoad8U(place),
                1 => I::I32AtomicLoad16U(place),
                2 => I::I32AtomicLoad(place),
                _ => I::I64AtomicLoad(place),
            });
        } else {
            let operands = if form == 1 { 2 } else { 1 };
            for _ in 0..operands {
                if width == 3 {
                    self.long(code, depth);
                } else {
                    self.int(code, depth);
                }
            }
            code.instruction(&match (form, width) {
                (1, 0) => I::I32AtomicRmw8CmpxchgU(place),
                (1, 1) => I::I32AtomicRmw16CmpxchgU(place),
                (1, 2) => I::I32AtomicRmwCmpxchg(place),
                (1, _) => I::I64AtomicRmwCmpxchg(place),
                (2, 0) => I::I32AtomicRmw8AddU(place),
                (2, 1) => I::I32AtomicRmw16AddU(place),
                (2, 2) => I::I32AtomicRmwAdd(place),
                (2, _) => I::I64AtomicRmwAdd(place),
                (3, 0) => I::I32AtomicRmw8SubU(place),
                (3, 1) => I::I32AtomicRmw16SubU(place),
                (3, 2) => I::I32AtomicRmwSub(place),
                (3, _) => I::I64AtomicRmwSub(place),
                (4, 0) => I::I32AtomicRmw8AndU(place),
                (4, 1) => I::I32AtomicRmw16AndU(place),
                (4, 2) => I::I32AtomicRmwAnd(place),
                (4, _) => I::I64AtomicRmwAnd(place),
                (5, 0) => I::I32AtomicRmw8OrU(place),
                (5, 1) => I::I32AtomicRmw16OrU(place),
                (5, 2) => I::I32AtomicRmwOr(place),
                (5, _) => I::I64AtomicRmwOr(place),
                (6, 0) => I::I32AtomicRmw8XorU(place),
                (6, 1) => I::I32AtomicRmw16XorU(place),
                (6, 2) => I::I32AtomicRmwXor(place),
                (6, _) => I::I64AtomicRmwXor(place),
                (_, 0) => I::I32AtomicRmw8XchgU(place),
                (_, 1) => I::I32AtomicRmw16XchgU(place),
                (_, 2) => I::I32AtomicRmwXchg(place),
                _ => I::I64AtomicRmwXchg(place),
            });
        }
        if width == 3 {
            code.instructions().i32_wrap_i64();
        }
    }
}
