//! Addresses and integers.

use super::{Body, memory};
use wasm_encoder::{Function, MemArg, MemArgTarget};

impl Body<'_> {
    /// An address, mostly inside the first page.
    pub(super) fn address(&mut self, code: &mut Function, depth: usize) {
        if self.wide && self.random.chance(3) {
            self.long(code, depth);
            if self.more.statics && self.random.chance(6) {
                // Just below zero: with an offset it wraps, and is not inside.
                code.instructions().i64_const(-256).i64_or();
                return;
            }
            if !self.random.chance(30) {
                code.instructions().i64_const(0xfff0).i64_and();
            }
            return;
        }
        match self.random.below(8) {
            // base + index * size
            0..4 if self.more.statics && self.random.chance(3) => self.static_address(code),
            0..4 => {
                code.instructions()
                    .local_get(self.random.pick(&self.locals.i32s));
                if self.more.is_on() && self.random.chance(4) {
                    code.instructions()
                        .i32_const(self.random.pick(&[0x7ff0, 0xfff, 0x3ffc]))
                        .i32_and();
                    self.backwards(code);
                    code.instructions().i32_add();
                    if self.wide {
                        code.instructions().i64_extend_i32_u();
                    }
                    return;
                }
                if !self.random.chance(20) {
                    code.instructions()
                        .i32_const(self.random.pick(&[0x7ff0, 0xff, 0x3fff]))
                        .i32_and();
                }
                let counters = self.nesting.min(self.locals.counters.len());
                if counters > 0 {
                    code.instructions()
                        .local_get(self.locals.counters[self.random.below(counters)]);
                    if self.random.chance(2) {
                        code.instructions()
                            .i32_const(self.random.pick(&[0x7f, 0xff, 0xfff]))
                            .i32_and();
                    }
                } else {
                    self.int(code, 1);
                    code.instructions().i32_const(0xfff).i32_and();
                }
                if self.random.chance(2) {
                    code.instructions()
                        .i32_const(self.random.pick(&[0, 1, 2, 3]))
                        .i32_shl();
                }
                if self.random.chance(5) {
                    code.instructions().i32_sub();
                } else {
                    code.instructions().i32_add();
                };
            }
            // A pointer in memory.
            4..6 => {
                self.int(code, 1);
                code.instructions().i32_const(0x7fc).i32_and();
                if self.wide {
                    code.instructions().i64_extend_i32_u();
                }
                code.instructions().i32_load(self.place(2));
                if self.random.chance(2) {
                    code.instructions().i32_const(0xffff).i32_and();
                }
            }
            _ => {
                self.int(code, depth.saturating_sub(1));
                if !self.random.chance(20) {
                    code.instructions().i32_const(0xfffc).i32_and();
                }
            }
        }
        if self.wide {
            code.instructions().i64_extend_i32_u();
        }
    }

    /// An element of an array at a constant address, which is added: to an index, to a counter, to both.
    fn static_address(&mut self, code: &mut Function) {
        let backwards = self.random.chance(4);
        let nesting = self.nesting.min(self.locals.counters.len());
        if nesting > 0 && self.random.chance(2) {
            code.instructions()
                .local_get(self.locals.counters[self.random.below(nesting)]);
        } else {
            code.instructions()
                .local_get(self.random.pick(&self.locals.i32s));
        }
        let mask = self.random.pick(&[0xff, 0xffc, 0x1fff, 0x7fff]);
        code.instructions().i32_const(mask).i32_and();
        if mask < 0x7fff && self.random.chance(2) {
            code.instructions()
                .i32_const(self.random.pick(&[1, 2, 3]))
                .i32_shl();
        }
        if backwards {
            code.instructions().i32_const(0x10000).i32_or();
        }
        let any = i32::from(self.random.next() as u16);
        let ahead = [0x80, 0x7ff8, 0x8000, 0x8004, 0x9abc, 0xc000, any];
        let behind = [-0x80, -0x7ffc, -0x8000, -0x8004, -0x10000, -any];
        let constant = match backwards {
            true => self.random.pick(&behind),
            false => self.random.pick(&ahead),
        };
        code.instructions().i32_const(constant).i32_add();
        if self.random.chance(3) {
            code.instructions()
                .local_get(self.random.pick(&self.locals.i32s))
                .i32_const(0xfc)
                .i32_and()
                .i32_add();
        }
    }

    pub(super) fn place(&mut self, align: usize) -> MemArg {
        let offset = match self.random.below(40) {
            0 => self
                .random
                .pick(&[0xfff8, 0xffff, 0x10000, 0x7fff_ffff, 0xffff_ffff]),
            1..10 => self.random.below(256) as u64,
            10..20 => 4 * self.random.below(16) as u64,
            _ => 0,
        };
        let align = self.random.below(align + 1) as u32;
        let mut place = MemArg {
            offset,
            align,
            ..memory()
        };
        if self.more.memories() > 1 && self.random.chance(4) {
            place.target = MemArgTarget::Memory(1);
        }
        place
    }

    pub(super) fn int(&mut self, code: &mut Function, depth: usize) {
        use wasm_encoder::Instruction as I;
        if self.spend() || depth == 0 {
            match self.random.below(5) {
                0 => code.instructions().i32_const(self.random.integer() as i32),
                1 if self.nesting > 0 => code
                    .instructions()
                    .local_get(self.locals.counters[self.random.below(self.nesting)]),
                2 if self.random.chance(4) => code.instructions().global_get(0),
                _ => code
                    .instructions()
                    .local_get(self.random.pick(&self.locals.i32s)),
            };
            return;
        }
        let depth = depth - 1;
        if self.more.is_on() && self.random.chance(6) {
            return self.further_int(code, depth);
        }
        if self.more.statics && self.random.chance(8) {
            return self.with_constant(code, depth);
        }
        match self.random.below(16) {
            0..5 => {
                self.int(code, depth);
                self.int(code, depth);
                let operators = [
                    I::I32Add,
                    I::I32Add,
                    I::I32Sub,
                    I::I32Mul,
                    I::I32And,
                    I::I32Or,
                    I::I32Xor,
                    I::I32Shl,
                    I::I32ShrS,
                    I::I32ShrU,
                    I::I32Rotl,
                    I::I32Rotr,
                    I::I32LtS,
                    I::I32LtU,
                    I::I32GeU,
                    I::I32Eq,
                    I::I32Ne,
                    I::I32GtS,
                ];
                code.instruction(self.random.pick(&operators.each_ref()));
            }
            5 => {
                self.int(code, depth);
                let operators = [
                    I::I32Eqz,
                    I::I32Clz,
                    I::I32Ctz,
                    I::I32Popcnt,
                    I::I32Extend8S,
                    I::I32Extend16S,
                ];
                code.instruction(self.random.pick(&operators.each_ref()));
            }
            6 => {
                self.int(code, depth);
                self.int(code, depth);
                if !self.random.chance(8) {
                    code.instructions().i32_const(1).i32_or();
                }
                code.instruction(
                    self.random
                        .pick(&[I::I32DivU, I::I32RemU, I::I32RemS].each_ref()),
                );
            }
            7 => {
                self.long(code, depth);
                code.instructions().i32_wrap_i64();
            }
            8..11 => {
                self.address(code, depth);
                let place = self.place(0);
                match self.random.below(6) {
                    0 => code.instructions().i32_load8_u(place),
                    1 => code.instructions().i32_load8_s(place),
                    2 => code.instructions().i32_load16_u(place),
                    3 => code.instructions().i32_load16_s(place),
                    _ => code.instructions().i32_load(place),
                };
            }
            11 => {
                self.int(code, depth);
                self.int(code, depth);
                self.int(code, depth);
                code.instructions().select();
            }
            12 => {
                self.int(code, depth);
                code.instructions()
                    .local_tee(self.random.pick(&self.locals.i32s));
            }
            13 => {
                self.float(code, depth);
                if self.random.chance(2) {
                    code.instructions().i32_trunc_sat_f64_u();
                } else {
                    self.float(code, depth);
                    code.instructions().f64_lt();
                }
            }
            14 => {
                self.long(code, depth);
                self.long(code, depth);
                code.instruction(
                    self.random
                        .pick(&[I::I64LtU, I::I64LtS, I::I64Eq, I::I64GeU].each_ref()),
                );
            }
            _ if self.calls => {
                self.int(code, depth);
                self.int(code, depth);
                if self.random.chance(3) {
                    self.int(code, depth);
                    if !self.random.chance(6) {
                        code.instructions().i32_const(2).i32_and();
                    }
                    code.instructions().call_indirect(0, 0);
                } else {
                    code.instructions().call(self.random.pick(&[0, 2]));
                }
            }
            _ => self.int(code, depth),
        }
    }

    pub(super) fn long(&mut self, code: &mut Function, depth: usize) {
        use wasm_encoder::Instruction as I;
        if self.spend() || depth == 0 {
            match self.random.below(4) {
                0 => code
                    .instructions()
                    .i64_const(self.random.integer().cast_signed()),
                1 => code
                    .instructions()
                    .local_get(self.random.pick(&self.locals.i32s))
                    .i64_extend_i32_u(),
                2 if self.random.chance(4) => code.instructions().global_get(1),
                _ => code
                    .instructions()
                    .local_get(self.random.pick(&self.locals.i64s)),
            };
            return;
        }
        let depth = depth - 1;
        match self.random.below(10) {
            0..3 => {
                self.long(code, depth);
                self.long(code, depth);
                let operators = [
                    I::I64Add,
                    I::I64Sub,
                    I::I64Mul,
                    I::I64And,
                    I::I64Or,
                    I::I64Xor,
                    I::I64Shl,
                    I::I64ShrS,
                    I::I64ShrU,
                    I::I64Rotl,
                ];
                code.instruction(self.random.pick(&operators.each_ref()));
            }
            3..5 => {
                self.int(code, depth);
                if self.random.chance(2) {
                    code.instructions().i64_extend_i32_u();
                } else {
                    code.instructions().i64_extend_i32_s();
                };
            }
            5..7 => {
                self.address(code, depth);
                let place = self.place(0);
                match self.random.below(4) {
                    0 => code.instructions().i64_load32_u(place),
                    1 => code.instructions().i64_load32_s(place),
                    2 => code.instructions().i64_load8_u(place),
                    _ => code.instructions().i64_load(place),
                };
            }
            7 => {
                self.float(code, depth);
                code.instructions().i64_reinterpret_f64();
            }
            8 => {
                self.long(code, depth);
                self.long(code, depth);
                self.int(code, depth);
                code.instructions().select();
            }
            _ if self.calls => {
                self.long(code, depth);
                self.int(code, depth);
                code.instructions().call(self.random.pick(&[1, 3]));
            }
            _ => {
                self.long(code, depth);
                code.instructions().i64_extend32_s();
            }
        }
    }
}
