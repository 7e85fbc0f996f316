//! Statements: assignments, stores, blocks, loops.

use super::{Body, FUEL, SEGMENT, SEGMENT_FUNCTIONS, memory};
use wasm_encoder::{BlockType, Function, Instruction, InstructionSink, MemArg};

/// A counter's next value.
fn advance(code: &mut Function, counter: u32, step: i32) -> InstructionSink<'_> {
    let mut code = code.instructions();
    code.local_get(counter).i32_const(step).i32_add();
    code
}

impl Body<'_> {
    pub(super) fn spend(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget == 0
    }

    pub(super) fn statements(&mut self, code: &mut Function, depth: usize) {
        for _ in 0..=self.random.below(3) {
            self.statement(code, depth);
        }
    }

    pub(super) fn statement(&mut self, code: &mut Function, depth: usize) {
        if self.spend() || depth == 0 {
            self.int(code, 1);
            code.instructions()
                .local_set(self.random.pick(&self.locals.i32s));
            return;
        }
        if self.more.is_on() && self.random.chance(4) {
            return self.further(code, depth - 1);
        }
        if self.more.statics && self.random.chance(6) {
            return match self.random.below(4) {
                0 => self.segment(code),
                _ => self.fields(code, depth),
            };
        }
        match self.random.below(16) {
            0..2 => {
                self.int(code, depth);
                code.instructions()
                    .local_set(self.random.pick(&self.locals.i32s));
            }
            2 => {
                self.long(code, depth);
                code.instructions()
                    .local_set(self.random.pick(&self.locals.i64s));
            }
            3 => {
                self.float(code, depth);
                code.instructions()
                    .local_set(self.random.pick(&self.locals.f64s));
            }
            4..7 => self.store(code, depth),
            7 => {
                self.int(code, depth);
                code.instructions().if_(BlockType::Empty);
                self.statements(code, depth - 1);
                if self.random.chance(2) {
                    code.instructions().else_();
                    self.statements(code, depth - 1);
                }
                code.instructions().end();
            }
            8 => {
                code.instructions().block(BlockType::Empty);
                self.statements(code, depth - 1);
                self.int(code, depth - 1);
                code.instructions().br_if(0);
                self.statements(code, depth - 1);
                code.instructions().end();
            }
            9 => {
                code.instructions()
                    .block(BlockType::Empty)
                    .block(BlockType::Empty)
                    .block(BlockType::Empty);
                self.int(code, depth - 1);
                code.instructions()
                    .br_table([0, 1, 2], self.random.below(3) as u32)
                    .end();
                self.statements(code, depth - 1);
                code.instructions().br(self.random.below(2) as u32).end();
                self.statements(code, depth - 1);
                code.instructions().end();
            }
            10 => {
                if self.random.chance(2) {
                    self.int(code, depth);
                    code.instructions().global_set(0);
                } else {
                    self.long(code, depth);
                    code.instructions().global_set(1);
                }
            }
            11 if self.vectors => {
                self.vector(code, depth);
                code.instructions()
                    .local_set(self.random.pick(&self.locals.v128s));
            }
            12 if self.random.chance(4) => {
                self.address(code, 1);
                let fill = self.random.chance(2);
                if fill {
                    self.int(code, 1);
                } else {
                    self.address(code, 1);
                }
                self.int(code, 1);
                code.instructions().i32_const(63).i32_and();
                if self.wide {
                    code.instructions().i64_extend_i32_u();
                }
                if fill {
                    code.instructions().memory_fill(0);
                } else {
                    code.instructions().memory_copy(0, 0);
                };
            }
            _ => self.counted(code, depth),
        }
    }

    /// A loop with a counter, in one of the forms in which compilers write them.
    pub(super) fn counted(&mut self, code: &mut Function, depth: usize) {
        let Some(&counter) = self.locals.counters.get(self.nesting) else {
            return self.store(code, depth);
        };
        self.nesting += 1;
        let fueled = self.random.chance(2);
        let step = self.random.pick(&[1, 1, 1, 2, 4, 8]);
        let limit = self.random.pick(&[3, 7, 15]);
        if fueled && self.random.chance(2) {
            self.int(code, 1);
        } else {
            code.instructions().i32_const(if fueled {
                self.random.integer() as i32
            } else {
                0
            });
        }
        let fuel = |code: &mut Function| {
            if fueled {
                code.instructions()
                    .global_get(FUEL)
                    .i32_eqz()
                    .if_(BlockType::Empty)
                    .unreachable()
                    .end();
                code.instructions()
                    .global_get(FUEL)
                    .i32_const(1)
                    .i32_sub()
                    .global_set(FUEL);
            }
        };
        match self.random.below(4) {
            // The test at the end.
            0 => {
                code.instructions()
                    .local_set(counter)
                    .loop_(BlockType::Empty);
                fuel(code);
                self.statements(code, depth - 1);
                advance(code, counter, step).local_tee(counter);
                self.bound(code, limit, fueled);
                let compares = [
                    Instruction::I32LtU,
                    Instruction::I32LtS,
                    Instruction::I32LeU,
                ];
                let compare = self.random.pick(&compares.each_ref());
                code.instruction(if fueled && self.random.chance(2) {
                    &Instruction::I32Ne
                } else {
                    compare
                });
                code.instructions().br_if(0).end();
            }
            // The test at the head.
            1 => {
                code.instructions()
                    .local_set(counter)
                    .block(BlockType::Empty)
                    .loop_(BlockType::Empty);
                fuel(code);
                code.instructions().local_get(counter);
                self.bound(code, limit, fueled);
                let compares = [
                    Instruction::I32GeU,
                    Instruction::I32GeS,
                    Instruction::I32GtU,
                ];
                let compare = self.random.pick(&compares.each_ref());
                code.instruction(compare).instructions().br_if(1);
                self.statements(code, depth - 1);
                if fueled && self.random.chance(3) {
                    self.int(code, 1);
                    code.instructions().br_if(0);
                }
                advance(code, counter, step)
                    .local_set(counter)
                    .br(0)
                    .end()
                    .end();
            }
            // Down to zero.
            2 => {
                code.instructions().drop();
                self.bound(code, limit, fueled);
                code.instructions()
                    .i32_const(1)
                    .i32_or()
                    .local_set(counter)
                    .loop_(BlockType::Empty);
                fuel(code);
                self.statements(code, depth - 1);
                advance(code, counter, -1).local_tee(counter).br_if(0).end();
            }
            // The counter as a parameter, and as the result.
            _ => {
                code.instructions()
                    .loop_(BlockType::FunctionType(3))
                    .local_set(counter);
                fuel(code);
                self.statements(code, depth - 1);
                advance(code, counter, step).local_get(counter);
                self.bound(code, limit, fueled);
                code.instructions()
                    .i32_lt_u()
                    .br_if(0)
                    .end()
                    .local_set(self.random.pick(&self.locals.i32s));
            }
        }
        self.nesting -= 1;
    }

    pub(super) fn bound(&mut self, code: &mut Function, limit: i32, fueled: bool) {
        if self.random.chance(2) {
            code.instructions()
                .i32_const(if fueled && self.random.chance(4) {
                    self.random.integer() as i32
                } else {
                    limit
                });
        } else {
            code.instructions()
                .local_get(self.random.pick(&self.locals.i32s));
            if !fueled || self.random.chance(2) {
                code.instructions().i32_const(limit).i32_and();
            }
        }
    }

    /// A passive segment: a part of it copied, mostly inside, or its end.
    fn segment(&mut self, code: &mut Function) {
        let of_data = self.random.chance(2);
        if self.random.chance(6) {
            if of_data {
                code.instructions().data_drop(0);
            } else {
                code.instructions().elem_drop(0);
            }
            return;
        }
        let size = if of_data {
            self.address(code, 1);
            SEGMENT as u32
        } else {
            self.int(code, 1);
            code.instructions().i32_const(3).i32_and();
            SEGMENT_FUNCTIONS
        };
        for _ in 0..2 {
            self.int(code, 1);
            code.instructions()
                .i32_const((size / 2).cast_signed())
                .i32_rem_u();
        }
        if of_data {
            code.instructions().memory_init(0, 0);
        } else {
            code.instructions().table_init(0, 0);
        }
    }

    /// Fields of what a pointer points to: read, written, and read again.
    fn fields(&mut self, code: &mut Function, depth: usize) {
        let depth = depth.saturating_sub(1);
        self.address(code, depth);
        let pointer = self.random.pick(if self.wide {
            &self.locals.i64s
        } else {
            &self.locals.i32s
        });
        code.instructions().local_set(pointer);
        let fields = [0, 1, 2].map(|_| MemArg {
            offset: 4 * self.random.below(3) as u64,
            align: 2,
            ..memory()
        });
        let into = self.random.pick(&self.locals.i32s);
        code.instructions()
            .local_get(pointer)
            .local_get(pointer)
            .i32_load(fields[0]);
        self.int(code, depth);
        if self.random.chance(2) {
            code.instructions().i32_add();
        } else {
            code.instructions().i32_xor();
        }
        code.instructions()
            .i32_store(fields[1])
            .local_get(pointer)
            .i32_load(fields[2])
            .local_set(into);
    }

    pub(super) fn store(&mut self, code: &mut Function, depth: usize) {
        let depth = depth.saturating_sub(1);
        self.address(code, depth);
        match self.random.below(9) {
            0..4 => {
                self.int(code, depth);
                code.instructions().i32_store(self.place(2));
            }
            4 => {
                self.int(code, depth);
                code.instructions().i32_store8(self.place(0));
            }
            5 => {
                self.int(code, depth);
                code.instructions().i32_store16(self.place(1));
            }
            6 => {
                self.float(code, depth);
                code.instructions().f64_store(self.place(3));
            }
            7 if self.vectors => {
                self.vector(code, depth);
                code.instructions().v128_store(self.place(4));
            }
            _ => {
                self.long(code, depth);
                let place = self.place(2);
                if self.random.chance(2) {
                    code.instructions().i64_store(place);
                } else {
                    code.instructions().i64_store32(place);
                };
            }
        }
    }
}
