//! Type identity across the modules of a program, and the matching of types.
//!
//! A type index means something within its module only. In a [`Signatures`], and in every type of a
//! [`Program`](crate::Program), the index of a concrete reference is a [`SignatureId`] instead, so that equal types are
//! equal values. Two types are equal if their recursion groups are, member by member, and they stand at the same
//! position. Source: specification, "Type System", "Rolling and Unrolling".

use crate::Error;
use crate::module::Module;
use crate::program::{SignatureId, number};
use cranelift_entity::{EntityRef, PrimaryMap};
use std::collections::HashMap;
use std::ops::Index;
use wasmparser::{
    AbstractHeapType, FuncType, HeapType, PackedIndex, RefType, UnpackedIndex, ValType,
};

/// The function types of a program.
#[derive(Debug, Default)]
pub(crate) struct Signatures {
    types: PrimaryMap<SignatureId, FuncType>,
    /// The first member of each recursion group, by the group's types, in which a reference to a member is its position.
    groups: HashMap<Box<[FuncType]>, SignatureId>,
}

impl Index<SignatureId> for Signatures {
    type Output = FuncType;

    fn index(&self, id: SignatureId) -> &FuncType {
        &self.types[id]
    }
}

impl Signatures {
    /// The identities of the types of a module.
    ///
    /// # Errors
    /// [`Error::Limit`] when there are more types than a reference type can distinguish.
    pub(crate) fn add(&mut self, module: &Module<'_>) -> Result<Vec<SignatureId>, Error> {
        let mut ids: Vec<SignatureId> = Vec::with_capacity(module.types.len());
        for range in &module.type_groups {
            let start = range.start as usize;
            let members = &module.types[start..range.end as usize];
            let rolled = members.iter().map(|ty| {
                map_function(ty, |index| match (index as usize).checked_sub(start) {
                    Some(_) => PackedIndex::from_rec_group_index(index - range.start),
                    None => PackedIndex::from_module_index(number(ids[index as usize])),
                })
            });
            let rolled: Option<Box<[FuncType]>> = rolled.collect();
            let first = rolled.and_then(|group| self.group(group));
            let first = first.ok_or_else(|| Error::Limit {
                message: "the program has more than a million types".to_owned(),
            })?;
            ids.extend((0..members.len()).map(|at| SignatureId::new(first.index() + at)));
        }
        Ok(ids)
    }

    /// The identity of a type that refers to no other.
    pub(crate) fn add_plain(&mut self, ty: FuncType) -> SignatureId {
        self.group(Box::new([ty]))
            .expect("no index needs to be represented")
    }

    /// The identity of a group's first member; `None` when it cannot be represented.
    fn group(&mut self, group: Box<[FuncType]>) -> Option<SignatureId> {
        if let Some(&first) = self.groups.get(&group) {
            return Some(first);
        }
        let first = self.types.next_key();
        let unrolled: Option<Vec<FuncType>> = group
            .iter()
            .map(|ty| {
                map_packed(ty, |index| match index.unpack() {
                    UnpackedIndex::RecGroup(at) => {
                        PackedIndex::from_module_index(number(first) + at)
                    }
                    _ => Some(index),
                })
            })
            .collect();
        for ty in unrolled? {
            self.types.push(ty);
        }
        self.groups.insert(group, first);
        Some(first)
    }

    /// The types by identity.
    pub(crate) fn types(&self) -> &[FuncType] {
        self.types.values().as_slice()
    }
}

/// A module's type as a type of the program that has `ids` for the module's types.
pub(crate) fn in_program(ids: &[SignatureId], ty: ValType) -> ValType {
    map_value(ty, |index| {
        let index = index.as_module_index().expect("a type as parsed");
        PackedIndex::from_module_index(number(ids[index as usize]))
    })
    .expect("an identity that a type has been given can be represented")
}

/// The index of the type that a reference type names.
pub(crate) fn concrete(ty: RefType) -> Option<u32> {
    match ty.heap_type() {
        HeapType::Concrete(index) => index.as_module_index(),
        _ => None,
    }
}

/// Whether a value of `actual` can stand where `expected` is asked for. Both are types of a program.
pub(crate) fn is_subtype(actual: ValType, expected: ValType) -> bool {
    use AbstractHeapType::{Exn, Extern, Func, NoExn, NoExtern, NoFunc};
    if actual == expected {
        return true;
    }
    let (ValType::Ref(actual), ValType::Ref(expected)) = (actual, expected) else {
        return false;
    };
    let abstract_type = |ty: RefType| match ty.heap_type() {
        HeapType::Abstract { shared: false, ty } => Some(ty),
        _ => None,
    };
    let heap_matches = actual.heap_type() == expected.heap_type()
        || match (abstract_type(actual), abstract_type(expected)) {
            // Every type that can be named is one of functions.
            (None, Some(Func)) | (Some(NoFunc), None | Some(Func)) => true,
            (Some(NoExtern), Some(Extern)) | (Some(NoExn), Some(Exn)) => true,
            _ => false,
        };
    heap_matches && (expected.is_nullable() || !actual.is_nullable())
}

fn map_function(
    ty: &FuncType,
    mut map: impl FnMut(u32) -> Option<PackedIndex>,
) -> Option<FuncType> {
    map_packed(ty, |index| {
        map(index.as_module_index().expect("a type as parsed"))
    })
}

fn map_packed(
    ty: &FuncType,
    mut map: impl FnMut(PackedIndex) -> Option<PackedIndex>,
) -> Option<FuncType> {
    let mut all = |types: &[ValType]| -> Option<Vec<ValType>> {
        types.iter().map(|&ty| map_value(ty, &mut map)).collect()
    };
    Some(FuncType::new(all(ty.params())?, all(ty.results())?))
}

/// Replaces the index of a concrete reference type.
fn map_value(ty: ValType, map: impl FnOnce(PackedIndex) -> Option<PackedIndex>) -> Option<ValType> {
    let ValType::Ref(reference) = ty else {
        return Some(ty);
    };
    let Some(index) = reference.type_index() else {
        return Some(ty);
    };
    Some(ValType::Ref(RefType::concrete(
        reference.is_nullable(),
        map(index)?,
    )))
}
