//! Trap codes and their messages.

/// Calls a macro with the table of traps: `Name = code, "message"`.
///
/// The messages are those of the specification's test suite; where it has none, the specification's own words.
#[macro_export]
macro_rules! for_each_trap {
    ($mac:ident) => {
        $mac! {
            /// `unreachable` was executed.
            Unreachable = 1, "unreachable";
            /// A memory access outside linear memory.
            MemoryOutOfBounds = 2, "out of bounds memory access";
            /// A table access outside the table.
            TableOutOfBounds = 3, "out of bounds table access";
            /// `call_indirect` with an index outside the table.
            UndefinedElement = 4, "undefined element";
            /// `call_indirect` through a null element.
            UninitializedElement = 5, "uninitialized element";
            /// `call_indirect` through a function of another type.
            IndirectCallTypeMismatch = 6, "indirect call type mismatch";
            /// Integer division by zero.
            IntegerDivideByZero = 7, "integer divide by zero";
            /// Integer division or conversion whose result does not fit.
            IntegerOverflow = 8, "integer overflow";
            /// Conversion of NaN to an integer.
            InvalidConversionToInteger = 9, "invalid conversion to integer";
            /// The guest stack's guard was touched.
            StackExhausted = 10, "call stack exhausted";
            /// A null reference where one is not allowed.
            NullReference = 11, "null reference";
            /// A call through a null function reference.
            NullFunctionReference = 12, "null function reference";
            /// A host function was given a pointer or length outside the guest's memory.
            HostPointerOutOfBounds = 13, "pointer out of bounds";
            /// A host function was given a pointer that is not aligned for its type.
            HostPointerMisaligned = 14, "pointer not aligned";
            /// A host function was called from an instance without an exported memory.
            NoExportedMemory = 15, "missing required memory export";
            /// An atomic access at an address that is not aligned.
            UnalignedAtomic = 16, "unaligned atomic";
            /// A wait on a memory that is not shared.
            ExpectedSharedMemory = 17, "expected shared memory";
            /// An exception that nothing catches.
            UncaughtException = 18, "uncaught exception";
            /// An imported memory or table is smaller at instantiation than the import asks for.
            IncompatibleImport = 19, "incompatible import type";
            /// A function was called that nothing provides.
            UnknownImport = 20, "unknown import called";
        }
    };
}

macro_rules! define_trap {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)*) => {
        /// The reason of a trap. Codes are stable within one [`crate::VERSION`] and never zero.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Trap {
            $($(#[$doc])* $name = $code,)*
        }

        impl Trap {
            /// The trap of a code, if there is one.
            pub const fn from_code(code: u8) -> Option<Trap> {
                match code {
                    $($code => Some(Trap::$name),)*
                    _ => None,
                }
            }

            /// The reason in the specification's words.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Trap::$name => $message,)*
                }
            }
        }
    };
}
for_each_trap!(define_trap);
