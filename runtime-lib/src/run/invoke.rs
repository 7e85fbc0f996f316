//! The main loop of `--invoke`: a function with arguments from the command line.
#![allow(unsafe_code)]

use crate::exit::{exit, fail};
use crate::number::{parse_float, parse_integer};
use crate::stack;
use crate::text::Text;
use core::fmt::Write;
use core::slice;
use nativize_abi::program::{Entry, Value, ValueType};

/// The exit status when the arguments do not fit the function.
const WRONG_ARGUMENTS: i32 = 2;

/// Calls the entries in order, the last one with the arguments of the command line, and prints its results.
#[unsafe(no_mangle)]
extern "C" fn nvz_main_invoke() -> ! {
    let Some((function, before)) = crate::program::entries().split_last() else {
        exit(0)
    };
    let params = types(function, 0, function.params);
    // Before anything runs: a wrong command line has no effects.
    parse_arguments(params, stack::values(function));
    for entry in before {
        super::run(entry);
    }
    // Those calls had the place of the arguments.
    let values = stack::values(function);
    parse_arguments(params, values);
    stack::call(function, values);
    let mut text = Text::stdout();
    for (&kind, value) in types(function, function.params, function.results)
        .iter()
        .zip(values)
    {
        print(&mut text, kind, *value);
    }
    text.flush();
    exit(0)
}

fn types(entry: &Entry, first: u32, count: u32) -> &'static [u8] {
    // SAFETY: the program object has a byte there for each parameter and result.
    unsafe {
        slice::from_raw_parts(
            (entry.types as *const u8).add(first as usize),
            count as usize,
        )
    }
}

/// Reads the arguments into `values`.
fn parse_arguments(params: &[u8], values: &mut [Value]) {
    let mut arguments = crate::start::args().skip(1);
    for (&kind, value) in params.iter().zip(values) {
        let Some(argument) = arguments.next() else {
            wrong_count(params)
        };
        let argument = argument.to_bytes();
        let Some(bits) = parse(kind, argument) else {
            fail(WRONG_ARGUMENTS, |text| {
                text.str("`")
                    .untrusted(argument)
                    .str("` is no value of type ")
                    .str(name(kind));
                expect(text, params);
            })
        };
        *value = [bits, 0];
    }
    if arguments.next().is_some() {
        wrong_count(params);
    }
}

fn wrong_count(params: &[u8]) -> ! {
    fail(WRONG_ARGUMENTS, |text| {
        text.str("wrong number of arguments (")
            .decimal(crate::start::args().skip(1).count() as u64)
            .str(")");
        expect(text, params);
    })
}

/// `: the function takes (i32, f64)`
fn expect(text: &mut Text, params: &[u8]) {
    text.str(": the function takes (");
    for (index, &kind) in params.iter().enumerate() {
        if index != 0 {
            text.str(", ");
        }
        text.str(name(kind));
    }
    text.str(")");
}

const I32: u8 = ValueType::I32 as u8;
const I64: u8 = ValueType::I64 as u8;
const F32: u8 = ValueType::F32 as u8;
const F64: u8 = ValueType::F64 as u8;
const V128: u8 = ValueType::V128 as u8;
const FUNCREF: u8 = ValueType::FuncRef as u8;
const EXNREF: u8 = ValueType::ExnRef as u8;

fn name(kind: u8) -> &'static str {
    match kind {
        I32 => "i32",
        I64 => "i64",
        F32 => "f32",
        F64 => "f64",
        V128 => "v128",
        FUNCREF => "funcref",
        EXNREF => "exnref",
        _ => "externref",
    }
}

/// The bits of an argument. Of references there is only null, and vectors are not written on command lines.
fn parse(kind: u8, argument: &[u8]) -> Option<u64> {
    match kind {
        I32 => parse_integer(argument, 32),
        I64 => parse_integer(argument, 64),
        F32 => parse_float::<f32>(argument).map(|value| value.to_bits().into()),
        F64 => parse_float::<f64>(argument).map(f64::to_bits),
        V128 => None,
        _ => (argument == b"null").then_some(0),
    }
}

/// Adds a line with a result: integers signed, floats with as many digits as it takes to read them back.
#[allow(
    clippy::cast_possible_wrap,
    reason = "integers are shown as signed numbers"
)]
fn print(text: &mut Text, kind: u8, [low, high]: Value) {
    match kind {
        I32 => {
            text.signed((low as i32).into());
        }
        I64 => {
            text.signed(low as i64);
        }
        // `Text` accepts everything, so writing to it cannot fail.
        F32 => {
            let _ = write!(text, "{}", f32::from_bits(low as u32));
        }
        F64 => {
            let _ = write!(text, "{}", f64::from_bits(low));
        }
        V128 => {
            text.wide_decimal(low, high);
        }
        _ => {
            text.str(if low == 0 { "<null " } else { "<" })
                .str(name(kind))
                .str(">");
        }
    }
    text.str("\n");
}
