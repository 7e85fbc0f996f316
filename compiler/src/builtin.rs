//! The runtime helpers that compiled code calls, from the contract's table.

use cranelift_codegen::ir::{AbiParam, Signature, Type, types};
use cranelift_codegen::isa::CallConv;

macro_rules! clif_type {
    (i32) => {
        types::I32
    };
    (i64) => {
        types::I64
    };
    (ptr) => {
        types::I64
    };
}

macro_rules! define_builtins {
    ($($name:ident, $symbol:literal, ($($param:tt),*) $(-> $result:tt)?;)*) => {
        /// A helper of the runtime.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub(crate) enum Builtin {
            $($name),*
        }

        impl Builtin {
            const ALL: &'static [Builtin] = &[$(Builtin::$name),*];

            /// The runtime's symbol.
            pub(crate) fn symbol(self) -> &'static str {
                match self {
                    $(Builtin::$name => $symbol),*
                }
            }

            /// Its signature in the platform's calling convention.
            pub(crate) fn signature(self) -> Signature {
                let (params, results): (&[Type], &[Type]) = match self {
                    $(Builtin::$name => (&[$(clif_type!($param)),*], &[$(clif_type!($result))?])),*
                };
                let mut signature = Signature::new(CallConv::SystemV);
                signature.params.extend(params.iter().map(|&ty| AbiParam::new(ty)));
                signature.returns.extend(results.iter().map(|&ty| AbiParam::new(ty)));
                signature
            }
        }
    };
}
nativize_abi::for_each_builtin!(define_builtins);

impl Builtin {
    /// The builtin of a number given by `as u32`.
    pub(crate) fn from_index(index: u32) -> Self {
        Self::ALL[index as usize]
    }
}
