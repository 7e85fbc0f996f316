//! wasmparser's table, and immediates for every operator of it.

use crate::universe::{
    ARRAYS, BOUND_CONTINUATION, CONTINUATION, DESCRIBED, STRUCTS, SWITCH_CONTINUATION,
};
use wasmparser::{
    AbstractHeapType, BlockType, BrTable, Catch, HeapType, Ieee32, Ieee64, MemArg, MemArgTarget,
    Operator, OperatorsReader, Ordering, RefType, ResumeTable, TryTable, UnpackedIndex, V128,
    ValType,
};

/// How many choices there are for an operator's immediates.
pub(crate) const VARIANTS: usize = 5;

/// A proposal, the name of an operator, and the operator with immediates of some variant.
pub(crate) type Entry = (&'static str, &'static str, fn(usize) -> Operator<'static>);

macro_rules! define_operators {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        /// Every operator that wasmparser knows.
        pub(crate) const OPERATORS: &[Entry] = &[$((
            stringify!($proposal),
            stringify!($op),
            |_variant| Operator::$op $({ $($arg: Sample::sample(stringify!($arg), _variant)),* })?,
        )),*];
    };
}
wasmparser::for_each_operator!(define_operators);

/// An immediate for the field of this name.
trait Sample {
    fn sample(field: &str, variant: usize) -> Self;
}

impl Sample for u32 {
    fn sample(field: &str, variant: usize) -> Self {
        match field {
            "struct_type_index" => STRUCTS[variant],
            "array_type_index" | "array_type_index_dst" | "array_type_index_src" => ARRAYS[variant],
            "cont_type_index" => [CONTINUATION, SWITCH_CONTINUATION][variant % 2],
            "argument_index" | "result_index" => BOUND_CONTINUATION,
            "type_index" => [0, DESCRIBED][variant % 2],
            "table_index" | "table" => [0, 1, 2][variant % 3],
            _ => 0,
        }
    }
}

impl Sample for u8 {
    fn sample(_: &str, _: usize) -> Self {
        0
    }
}

impl Sample for i32 {
    fn sample(_: &str, _: usize) -> Self {
        1
    }
}

impl Sample for i64 {
    fn sample(_: &str, _: usize) -> Self {
        1
    }
}

impl Sample for Ieee32 {
    fn sample(_: &str, _: usize) -> Self {
        1.0f32.into()
    }
}

impl Sample for Ieee64 {
    fn sample(_: &str, _: usize) -> Self {
        1.0f64.into()
    }
}

impl Sample for V128 {
    fn sample(_: &str, _: usize) -> Self {
        1i128.into()
    }
}

impl Sample for [u8; 16] {
    fn sample(_: &str, _: usize) -> Self {
        [3; 16]
    }
}

impl Sample for MemArg {
    /// Atomic operations ask for their own alignment, the others for at most it.
    fn sample(_: &str, variant: usize) -> Self {
        MemArg {
            align: u8::try_from(variant).expect("there are few variants"),
            max_align: 4,
            offset: 0,
            target: MemArgTarget::Memory(0),
            ordering: None,
        }
    }
}

impl Sample for BlockType {
    fn sample(_: &str, _: usize) -> Self {
        BlockType::Empty
    }
}

impl Sample for BrTable<'static> {
    fn sample(_: &str, _: usize) -> Self {
        let code = wasmparser::BinaryReader::new(&[0x0e, 1, 0, 0], 0);
        match OperatorsReader::new(code).read() {
            Ok(Operator::BrTable { targets }) => targets,
            _ => unreachable!("the bytes are `br_table 0 0`"),
        }
    }
}

impl Sample for TryTable {
    fn sample(_: &str, _: usize) -> Self {
        TryTable {
            ty: BlockType::Empty,
            catches: vec![Catch::All { label: 0 }],
        }
    }
}

impl Sample for ResumeTable {
    fn sample(_: &str, _: usize) -> Self {
        ResumeTable {
            handlers: Vec::new(),
        }
    }
}

impl Sample for Ordering {
    fn sample(_: &str, _: usize) -> Self {
        Ordering::SeqCst
    }
}

impl Sample for ValType {
    fn sample(_: &str, _: usize) -> Self {
        ValType::I32
    }
}

impl Sample for Vec<ValType> {
    fn sample(_: &str, _: usize) -> Self {
        vec![ValType::I32, ValType::I32]
    }
}

impl Sample for HeapType {
    fn sample(_: &str, variant: usize) -> Self {
        match variant {
            0 => HeapType::FUNC,
            1 => HeapType::Abstract {
                shared: false,
                ty: AbstractHeapType::Any,
            },
            2 => HeapType::Concrete(UnpackedIndex::Module(STRUCTS[0])),
            3 => HeapType::Concrete(UnpackedIndex::Module(DESCRIBED)),
            _ => HeapType::EXTERN,
        }
    }
}

impl Sample for RefType {
    fn sample(field: &str, variant: usize) -> Self {
        let heap = HeapType::sample(field, variant);
        RefType::new(field == "from_ref_type", heap).expect("the index is small")
    }
}
