//! What the code of a function is made from, as a hash.
//!
//! A body is translated by what the whole program has decided: the options, what the index spaces of its instance stand
//! for, and where all state lives. That is one hash, the key of the hashes of all functions. To it come the function's
//! own body and hints, and the hashes of the bodies that go in the place of its calls. Contents of data segments,
//! names, and bodies elsewhere are not read by translation and take no part; neither does where a body lies in its
//! module, as entries count from there.

use super::Key;
use crate::program::{FuncId, number};
use crate::translate::{Environment, Unit};
use crate::{Options, Program};
use cranelift_entity::SecondaryMap;
use std::fmt::{self, Debug, Write};

/// The keys of the functions of a program.
pub(super) struct Keys<'a> {
    environment: Environment<'a>,
    whole: Key,
    known: SecondaryMap<FuncId, Option<Key>>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(environment: Environment<'a>) -> Self {
        Keys {
            environment,
            whole: whole(environment),
            known: SecondaryMap::new(),
        }
    }

    /// The key of a unit that can have an entry.
    pub(super) fn unit(&mut self, unit: Unit) -> Option<Key> {
        match unit {
            Unit::Function(id) => self.function(id),
            Unit::Instantiate(_) | Unit::Entry(_) | Unit::ThreadStart(_) => None,
        }
    }

    fn function(&mut self, id: FuncId) -> Option<Key> {
        if let Some(key) = self.known[id] {
            return Some(key);
        }
        let Environment { program, plan, .. } = self.environment;
        let (_, body) = program.body(id)?;
        let mut hasher = blake3::Hasher::new_keyed(&self.whole);
        hasher.update(&number(id).to_le_bytes());
        let code = body.code.as_bytes();
        hasher.update(&(code.len() as u64).to_le_bytes());
        hasher.update(code);
        // Bodies in the place of calls nest as deep as the plan allows.
        let callees = plan.inlining.callees(id);
        hasher.update(&(callees.len() as u64).to_le_bytes());
        for &callee in callees {
            hasher.update(&number(callee).to_le_bytes());
            hasher.update(&self.function(callee)?);
        }
        let mut hasher = Text(hasher);
        hasher.add(&body.hints);
        let key = *hasher.0.finalize().as_bytes();
        self.known[id] = Some(key);
        Some(key)
    }
}

/// What every function is translated by. Whoever lets translation read more of the program or of the plan adds it here.
fn whole(environment: Environment<'_>) -> Key {
    let Environment {
        program,
        plan,
        options,
    } = environment;
    let Program {
        instances,
        functions,
        tables,
        memories,
        globals,
        tags,
        signatures,
        ..
    } = program;
    let mut text = Text(blake3::Hasher::new());
    text.add(&Options {
        threads: None,
        strip: false,
        coredump: false,
        ..options.clone()
    });
    text.add(&plan.state);
    text.add(&plan.threads);
    for function in functions.values() {
        text.add(&(function.signature, function.kind));
    }
    text.add(tables);
    text.add(memories);
    text.add(globals);
    text.add(tags);
    text.add(&signatures.types());
    for instance in instances.values() {
        let module = instance.module;
        text.add(&(&instance.types, &instance.functions, &instance.tables));
        text.add(&(&instance.memories, &instance.globals, &instance.tags));
        text.add(&(&module.types, &module.functions, module.imported_functions));
    }
    *text.0.finalize().as_bytes()
}

/// Hashes values by their debug form, which has every field, also those that are added later.
struct Text(blake3::Hasher);

impl Text {
    fn add(&mut self, value: &(impl Debug + ?Sized)) {
        writeln!(self, "{value:?}").expect("hashing does not fail");
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
