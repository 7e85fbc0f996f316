//! Reads a `.wast` script into directives that own their modules as bytes.

use crate::values::{Pattern, Value};
use wast::core::{WastArgCore, WastRetCore};
use wast::parser::{self, ParseBuffer};
use wast::token::Span;
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// A module in the binary format, or why the text format does not allow it.
pub(crate) type Encoded = Result<Vec<u8>, String>;

/// A directive and where it stands.
#[derive(Debug)]
pub(crate) struct Directive {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

/// A line of a script.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Counted from 1.
    pub(crate) line: usize,
    /// What it says.
    pub(crate) text: String,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// A definition, instantiated at once.
    Module {
        name: Option<String>,
        module: Encoded,
    },
    /// A definition alone.
    Definition {
        name: Option<String>,
        module: Encoded,
    },
    /// An instance of an earlier definition.
    Instance {
        name: Option<String>,
        definition: Option<String>,
    },
    Register {
        name: String,
        instance: Option<String>,
    },
    Perform {
        action: Action,
        expected: Expected,
    },
    /// The module is malformed or does not validate.
    Reject(Encoded),
    Unlinkable {
        module: Encoded,
        message: String,
    },
    /// A directive or a value that the harness does not know.
    Unknown(String),
}

#[derive(Debug)]
pub(crate) enum Action {
    Invoke {
        instance: Option<String>,
        function: String,
        arguments: Vec<Value>,
    },
    Get {
        instance: Option<String>,
        global: String,
    },
    /// A module that is instantiated for its effects only.
    Instantiate(Encoded),
}

#[derive(Debug)]
pub(crate) enum Expected {
    /// It completes, with any results.
    Completion,
    Results(Vec<Pattern>),
    /// An exception.
    Exception,
    /// A trap whose message begins like this one.
    Trap(String),
}

/// Parses a script.
pub(crate) fn parse(text: &str) -> Result<Vec<Directive>, String> {
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(|error| error.to_string())?;
    let script = parser::parse::<Wast<'_>>(&buffer).map_err(|error| error.to_string())?;
    let lines = Lines::new(text);
    Ok(script
        .directives
        .into_iter()
        .map(|directive| Directive {
            place: lines.place(directive.span()),
            kind: kind(directive).unwrap_or_else(Kind::Unknown),
        })
        .collect())
}

fn kind(directive: WastDirective<'_>) -> Result<Kind, String> {
    Ok(match directive {
        WastDirective::Module(module) => Kind::Module {
            name: id(module.name()),
            module: encode(module),
        },
        WastDirective::ModuleDefinition(module) => Kind::Definition {
            name: id(module.name()),
            module: encode(module),
        },
        WastDirective::ModuleInstance {
            instance, module, ..
        } => Kind::Instance {
            name: id(instance),
            definition: id(module),
        },
        WastDirective::Register { name, module, .. } => Kind::Register {
            name: name.to_owned(),
            instance: id(module),
        },
        WastDirective::Invoke(call) => Kind::Perform {
            action: invoke(call)?,
            expected: Expected::Completion,
        },
        WastDirective::AssertReturn { exec, results, .. } => Kind::Perform {
            action: execute(exec)?,
            expected: Expected::Results(
                results.iter().map(pattern).collect::<Result<_, String>>()?,
            ),
        },
        WastDirective::AssertTrap { exec, message, .. } => Kind::Perform {
            action: execute(exec)?,
            expected: Expected::Trap(message.to_owned()),
        },
        WastDirective::AssertExhaustion { call, message, .. } => Kind::Perform {
            action: invoke(call)?,
            expected: Expected::Trap(message.to_owned()),
        },
        WastDirective::AssertMalformed { module, .. }
        | WastDirective::AssertInvalid { module, .. } => Kind::Reject(encode(module)),
        WastDirective::AssertUnlinkable {
            module, message, ..
        } => Kind::Unlinkable {
            module: encode(QuoteWat::Wat(module)),
            message: message.to_owned(),
        },
        WastDirective::AssertException { exec, .. } => Kind::Perform {
            action: execute(exec)?,
            expected: Expected::Exception,
        },
        WastDirective::AssertSuspension { .. } => return Err("assert_suspension".into()),
        WastDirective::AssertMalformedCustom { .. } => {
            return Err("assert_malformed_custom".into());
        }
        WastDirective::AssertInvalidCustom { .. } => return Err("assert_invalid_custom".into()),
        WastDirective::Thread(_) | WastDirective::Wait { .. } => return Err("thread".into()),
    })
}

fn execute(execute: WastExecute<'_>) -> Result<Action, String> {
    Ok(match execute {
        WastExecute::Invoke(call) => invoke(call)?,
        WastExecute::Wat(module) => Action::Instantiate(encode(QuoteWat::Wat(module))),
        WastExecute::Get { module, global, .. } => Action::Get {
            instance: id(module),
            global: global.to_owned(),
        },
    })
}

fn invoke(call: WastInvoke<'_>) -> Result<Action, String> {
    Ok(Action::Invoke {
        instance: id(call.module),
        function: call.name.to_owned(),
        arguments: call.args.iter().map(value).collect::<Result<_, _>>()?,
    })
}

fn encode(mut module: QuoteWat<'_>) -> Encoded {
    if matches!(
        module,
        QuoteWat::QuoteComponent(..) | QuoteWat::Wat(Wat::Component(_))
    ) {
        return Err("a component".into());
    }
    module.encode().map_err(|error| error.message())
}

fn id(id: Option<wast::token::Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_owned())
}

/// A reference to an external value is its number plus one, so that zero is null.
fn external(number: u32) -> u64 {
    u64::from(number) + 1
}

fn value(argument: &WastArg<'_>) -> Result<Value, String> {
    let WastArg::Core(argument) = argument else {
        return Err("a component's value".into());
    };
    Ok(match argument {
        WastArgCore::I32(n) => Value::from(n.cast_unsigned()),
        WastArgCore::I64(n) => Value::from(n.cast_unsigned()),
        WastArgCore::F32(n) => Value::from(n.bits),
        WastArgCore::F64(n) => Value::from(n.bits),
        WastArgCore::V128(n) => Value(n.to_le_bytes()),
        WastArgCore::RefNull(_) => Value::from(0_u64),
        WastArgCore::RefExtern(n) => Value::from(external(*n)),
        WastArgCore::RefHost(_) => return Err("ref.host".into()),
    })
}

fn pattern(result: &WastRet<'_>) -> Result<Pattern, String> {
    match result {
        WastRet::Core(result) => core_pattern(result),
        _ => Err("a component's value".into()),
    }
}

fn core_pattern(result: &WastRetCore<'_>) -> Result<Pattern, String> {
    Ok(match result {
        WastRetCore::I32(n) => Pattern::bits32(n.cast_unsigned()),
        WastRetCore::I64(n) => Pattern::bits64(n.cast_unsigned()),
        WastRetCore::F32(n) => Pattern::f32(n),
        WastRetCore::F64(n) => Pattern::f64(n),
        WastRetCore::V128(n) => Pattern::v128(n),
        WastRetCore::RefNull(_) => Pattern::bits64(0),
        WastRetCore::RefExtern(Some(n)) => Pattern::bits64(external(*n)),
        WastRetCore::RefExtern(None) | WastRetCore::RefFunc(_) => Pattern::NotNull,
        WastRetCore::Either(cases) => Pattern::Either(
            cases
                .iter()
                .map(core_pattern)
                .collect::<Result<_, String>>()?,
        ),
        other => return Err(format!("result {other:?}")),
    })
}

/// Where each line of a text begins.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    fn place(&self, span: Span) -> Place {
        let line = self.starts.partition_point(|&start| start <= span.offset());
        let rest = &self.text[self.starts[line - 1]..];
        Place {
            line,
            text: rest.lines().next().unwrap_or_default().trim().to_owned(),
        }
    }
}
