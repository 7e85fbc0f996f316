//! Walks wasmparser's table of operators: each is translated, or refused as an unsupported feature with its offset.
//!
//! For every operator a small module that uses it is found by trying: immediates by the names of their fields, operands from
//! the top of the stack downwards, and the blocks that some operators must stand in.

mod sample;
mod universe;

use nativize_compiler::{Error, Features, Options, Program};
use sample::{OPERATORS, VARIANTS};
use std::collections::BTreeMap;
use universe::{EXPORT, Universe};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Encode, Instruction};
use wasmparser::Operator;

/// The proposals whose operators are all translated.
const TRANSLATED: [&str; 13] = [
    "mvp",
    "sign_extension",
    "saturating_float_to_int",
    "bulk_memory",
    "reference_types",
    "simd",
    "relaxed_simd",
    "tail_call",
    "exceptions",
    "legacy_exceptions",
    "function_references",
    "acquire_release_atomics",
    "wide_arithmetic",
];

/// The proposals whose operators are refused, and how the message names them. The types that an operator is about may be
/// refused before it.
const REFUSED: [(&str, &str); 5] = [
    ("gc", "garbage collection"),
    ("custom_descriptors", "custom descriptors"),
    ("stack_switching", "stack switching"),
    ("shared_everything_threads", "shared-everything threads"),
    ("memory_control", "memory control"),
];

/// The proposals whose operators may be translated or refused, by this name.
const EITHER: [(&str, &str); 1] = [("threads", "threads")];

/// Operators that can be read and that no module may contain.
const NEVER_VALID: [&str; 1] = ["TypedSelectMulti"];

/// What stands before an operator and its operands, and what after them.
struct Around {
    before: Vec<Instruction<'static>>,
    after: Vec<Instruction<'static>>,
}

fn around(universe: &Universe) -> Vec<Around> {
    let open = |before: &[Instruction<'static>], after: &[Instruction<'static>]| Around {
        before: before.to_vec(),
        after: [&[Instruction::Unreachable], after].concat(),
    };
    let end = Instruction::End;
    let call = Instruction::Call(0);
    let try_ = Instruction::Try(BlockType::Empty);
    let mut all = vec![
        open(&[], &[]),
        // The operator opens a block.
        open(&[], std::slice::from_ref(&end)),
        // It ends one, or begins another part of one.
        open(&[Instruction::Block(BlockType::Empty)], &[]),
        open(
            &[Instruction::LocalGet(0), Instruction::If(BlockType::Empty)],
            std::slice::from_ref(&end),
        ),
        open(&[try_.clone(), call.clone()], std::slice::from_ref(&end)),
        open(&[try_.clone(), call.clone()], &[]),
        // It throws again.
        open(
            &[try_, call, Instruction::CatchAll],
            std::slice::from_ref(&end),
        ),
    ];
    // It branches with a reference.
    for &ty in universe.locals() {
        all.push(open(
            &[Instruction::Block(BlockType::Result(ty))],
            &[end.clone(), Instruction::Drop],
        ));
    }
    all
}

fn encode(instructions: &[Instruction<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for instruction in instructions {
        instruction.encode(&mut bytes);
    }
    bytes
}

/// Whether nothing is wrong with a module, supported or not.
fn is_valid(module: &[u8]) -> bool {
    match nativize_compiler::parse_with(module, Features::All, Some(1)) {
        Ok(_) | Err(Error::Unsupported { .. }) => true,
        Err(_) => false,
    }
}

/// A valid module with the operator, whose operands are locals.
fn module_with(universe: &Universe, around: &Around, operator: &[u8]) -> Option<Vec<u8>> {
    let before = encode(&around.before);
    let after = encode(&around.after);
    let module = |polymorphic: bool, operands: &[u8]| {
        let polymorphic = encode(&[Instruction::Unreachable])
            .into_iter()
            .filter(|_| polymorphic);
        let code = before.iter().copied().chain(polymorphic);
        universe.module(code.chain([operands, operator, &after].concat()).collect())
    };
    let mut operands = Vec::new();
    // No operator takes more, and one that takes none ends the search at once.
    for _ in 0..8 {
        let complete = module(false, &operands);
        if is_valid(&complete) {
            return Some(complete);
        }
        operands = (0..universe.locals().len()).find_map(|local| {
            let local = u32::try_from(local).expect("there are few locals");
            let mut more = encode(&[Instruction::LocalGet(local)]);
            more.extend(&operands);
            is_valid(&module(true, &more)).then_some(more)
        })?;
    }
    None
}

/// A valid module with an operator of the table.
fn find(universes: &[Universe], sample: fn(usize) -> Operator<'static>) -> Option<Vec<u8>> {
    for universe in universes {
        for around in around(universe) {
            for variant in 0..VARIANTS {
                let mut operator = Vec::new();
                RoundtripReencoder
                    .instruction(sample(variant))
                    .expect("every operator can be written")
                    .encode(&mut operator);
                if let Some(module) = module_with(universe, &around, &operator) {
                    return Some(module);
                }
            }
        }
    }
    None
}

/// Compiles what exports the function with the operator.
fn compile(module: &[u8]) -> Result<(), Error> {
    let parsed = nativize_compiler::parse_with(module, Features::All, Some(1))?;
    let program = Program::command(&parsed, Some(EXPORT))?;
    let options = Options {
        threads: Some(1),
        ..Options::default()
    };
    nativize_compiler::compile(&program, &options, &()).map(|_| ())
}

/// What is wrong with how the operator is met.
fn judge(
    universes: &[Universe],
    proposal: &str,
    name: &str,
    sample: fn(usize) -> Operator<'static>,
) -> Option<String> {
    let Some(module) = find(universes, sample) else {
        let never = NEVER_VALID.contains(&name);
        return (!never).then(|| "no valid module with it was found".to_owned());
    };
    let result = std::panic::catch_unwind(|| compile(&module));
    let known = |list: &[(&str, &str)]| list.iter().any(|(known, _)| *known == proposal);
    match result {
        Err(_) => Some("the compiler panics".to_owned()),
        Ok(Ok(())) if TRANSLATED.contains(&proposal) || known(&EITHER) => None,
        Ok(Ok(())) => Some(format!("accepted, though {proposal} is not supported")),
        Ok(Err(Error::Unsupported { feature, offset })) if known(&REFUSED) || known(&EITHER) => {
            let length = u64::try_from(module.len()).expect("it is small");
            let named = REFUSED
                .iter()
                .chain(&EITHER)
                .any(|(_, title)| feature.contains(title));
            (!named || offset == 0 || offset >= length)
                .then(|| format!("refused for {feature:?} at {offset:#x} of {length:#x}"))
        }
        Ok(Err(error)) => Some(error.to_string()),
    }
}

fn main() -> std::process::ExitCode {
    let universes = [Universe::plain(), Universe::whole()];
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = 0;
    for &(proposal, name, sample) in OPERATORS {
        *counts.entry(proposal).or_default() += 1;
        if let Some(message) = judge(&universes, proposal, name, sample) {
            println!("{name} ({proposal}): {message}");
            failures += 1;
        }
    }
    for (proposal, count) in counts {
        println!("{proposal}: {count} operators");
    }
    println!("{failures} failures");
    std::process::ExitCode::from(u8::from(failures != 0))
}
