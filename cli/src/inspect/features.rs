//! Which proposals beyond WebAssembly 1.0 a module uses.
//!
//! Operators say themselves: wasmparser's table of them names the proposal of each. What has no operator of its own
//! (types, limits, several memories) is noticed where the module declares it.

use std::collections::BTreeSet;

use wasmparser::{
    BlockType, CompositeInnerType, ConstExpr, GlobalType, MemoryType, Operator, RefType, Result,
    SubType, TableType, ValType,
};

macro_rules! define_proposal {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// The proposal that an operator comes from, as an identifier.
        fn proposal(operator: &Operator<'_>) -> &'static str {
            match operator {
                $(Operator::$op { .. } => stringify!($proposal),)*
                _ => "unknown_operators",
            }
        }
    };
}
wasmparser::for_each_operator!(define_proposal);

/// The features seen so far.
#[derive(Debug, Default)]
pub(super) struct Features {
    // Identifiers of proposals; a pointer comparison settles most of a function's operators.
    names: BTreeSet<&'static str>,
    last: &'static str,
}

impl Features {
    /// Names in the usual spelling, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        self.names
            .iter()
            .map(|name| name.replace('_', "-"))
            .collect()
    }

    pub(super) fn insert(&mut self, name: &'static str) {
        self.names.insert(name);
    }

    fn insert_if(&mut self, condition: bool, name: &'static str) {
        if condition {
            self.insert(name);
        }
    }

    /// An operator of a function. `results` tells whether a type index has parameters or several results.
    pub(super) fn operator(&mut self, operator: &Operator<'_>, is_multi: impl Fn(u32) -> bool) {
        let name = proposal(operator);
        if name == "mvp" {
            match operator {
                Operator::Block { blockty }
                | Operator::Loop { blockty }
                | Operator::If { blockty } => match *blockty {
                    BlockType::FuncType(index) => self.insert_if(is_multi(index), "multi_value"),
                    BlockType::Type(ty) => self.value(ty),
                    BlockType::Empty => {}
                },
                Operator::CallIndirect { table_index, .. } => {
                    self.insert_if(*table_index != 0, "reference_types");
                }
                _ => {}
            }
        } else if name != self.last {
            self.last = name;
            self.insert(name);
        }
    }

    pub(super) fn constant(&mut self, expression: &ConstExpr<'_>) -> Result<()> {
        for operator in expression.get_operators_reader() {
            let operator = operator?;
            let arithmetic = matches!(
                operator,
                Operator::I32Add
                    | Operator::I32Sub
                    | Operator::I32Mul
                    | Operator::I64Add
                    | Operator::I64Sub
                    | Operator::I64Mul
            );
            self.insert_if(arithmetic, "extended_const");
            self.operator(&operator, |_| false);
        }
        Ok(())
    }

    pub(super) fn ty(&mut self, ty: &SubType) {
        self.insert_if(!ty.is_final || ty.supertype_idxs.iter().len() > 0, "gc");
        self.insert_if(ty.composite_type.shared, "shared_everything_threads");
        match &ty.composite_type.inner {
            CompositeInnerType::Func(function) => {
                self.insert_if(function.results().len() > 1, "multi_value");
                for &value in function.params().iter().chain(function.results()) {
                    self.value(value);
                }
            }
            CompositeInnerType::Array(_) | CompositeInnerType::Struct(_) => self.insert("gc"),
            CompositeInnerType::Cont(_) => self.insert("stack_switching"),
        }
    }

    pub(super) fn value(&mut self, ty: ValType) {
        match ty {
            ValType::V128 => self.insert("simd"),
            ValType::Ref(ty) => {
                self.insert("reference_types");
                self.reference(ty);
            }
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => {}
        }
    }

    fn reference(&mut self, ty: RefType) {
        if ty == RefType::FUNCREF {
        } else if ty == RefType::EXTERNREF {
            self.insert("reference_types");
        } else if ty == RefType::EXNREF {
            self.insert("exceptions");
        } else if ty.is_concrete_type_ref() || !ty.is_nullable() {
            self.insert("function_references");
        } else {
            self.insert("gc");
        }
    }

    pub(super) fn memory(&mut self, ty: &MemoryType) {
        self.insert_if(ty.memory64, "memory64");
        self.insert_if(ty.shared, "threads");
        self.insert_if(ty.page_size_log2.is_some(), "custom_page_sizes");
    }

    pub(super) fn table(&mut self, ty: &TableType) {
        self.insert_if(ty.table64, "memory64");
        self.insert_if(ty.shared, "shared_everything_threads");
        self.reference(ty.element_type);
    }

    /// A global that crosses the module's boundary.
    pub(super) fn shared_global(&mut self, ty: &GlobalType) {
        self.insert_if(ty.mutable, "mutable_global");
    }

    pub(super) fn counts(&mut self, memories: usize, tables: usize) {
        self.insert_if(memories > 1, "multi_memory");
        self.insert_if(tables > 1, "reference_types");
    }
}
