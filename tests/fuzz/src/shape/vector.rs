//! Floats and vectors.

use super::Body;
use wasm_encoder::{Function, Ieee64};

impl Body<'_> {
    /// NaNs are made canonical wherever they may arise, also in the local that this takes, which others read.
    pub(super) fn float(&mut self, code: &mut Function, depth: usize) {
        use wasm_encoder::Instruction as I;
        if self.spend() || depth == 0 {
            if self.random.chance(3) {
                code.instructions()
                    .f64_const(self.random.pick(&[0.5, -3.0, 1e9, 4294967295.0]).into());
            } else {
                code.instructions()
                    .local_get(self.random.pick(&self.locals.f64s));
            }
            return;
        }
        let depth = depth - 1;
        match self.random.below(4) {
            0 => {
                self.int(code, depth);
                if self.random.chance(2) {
                    code.instructions().f64_convert_i32_u();
                } else {
                    code.instructions().f64_convert_i32_s();
                };
            }
            1 => {
                self.address(code, depth);
                code.instructions().f64_load(self.place(3));
            }
            _ => {
                self.float(code, depth);
                self.float(code, depth);
                let operators = [
                    I::F64Add,
                    I::F64Sub,
                    I::F64Mul,
                    I::F64Div,
                    I::F64Min,
                    I::F64Max,
                ];
                code.instruction(self.random.pick(&operators.each_ref()));
            }
        }
        let local = self.random.pick(&self.locals.f64s);
        code.instructions()
            .local_tee(local)
            .f64_const(Ieee64::new(0x7ff8_0000_0000_0000));
        code.instructions()
            .local_get(local)
            .local_get(local)
            .f64_eq()
            .select()
            .local_tee(local);
    }

    pub(super) fn vector(&mut self, code: &mut Function, depth: usize) {
        use wasm_encoder::Instruction as I;
        if self.spend() || depth == 0 {
            code.instructions()
                .local_get(self.random.pick(&self.locals.v128s));
            return;
        }
        let depth = depth - 1;
        match self.random.below(5) {
            0 => {
                self.int(code, depth);
                code.instructions().i32x4_splat();
            }
            1 => {
                self.address(code, depth);
                code.instructions().v128_load(self.place(4));
            }
            2 => {
                self.vector(code, depth);
                self.int(code, depth);
                code.instruction(
                    self.random
                        .pick(&[I::I32x4Shl, I::I8x16ShrU, I::I16x8ShrS].each_ref()),
                );
            }
            _ => {
                self.vector(code, depth);
                self.vector(code, depth);
                let operators = [
                    I::I32x4Add,
                    I::I8x16Sub,
                    I::I16x8Mul,
                    I::I64x2Mul,
                    I::V128Xor,
                    I::V128And,
                    I::I8x16Swizzle,
                    I::I32x4GtS,
                    I::I16x8SubSatU,
                    I::I8x16MinU,
                    I::I32x4DotI16x8S,
                    I::I64x2GtS,
                ];
                code.instruction(self.random.pick(&operators.each_ref()));
            }
        }
    }
}
