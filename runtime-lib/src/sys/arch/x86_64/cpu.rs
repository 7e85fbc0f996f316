//! What the processor lacks of x86-64-v2, for the message after an illegal instruction.

use core::arch::x86_64::__cpuid;

/// The features of x86-64-v2 that go beyond the first x86-64, by their bit in `ecx` of CPUID leaf 1.
const FEATURES: [(u32, &str); 6] = [
    (0, "SSE3"),
    (9, "SSSE3"),
    (13, "CMPXCHG16B"),
    (19, "SSE4.1"),
    (20, "SSE4.2"),
    (23, "POPCNT"),
];

/// The name of a feature of x86-64-v2 that this machine does not have.
///
/// CPUID traps into the hypervisor in a virtual machine, which costs microseconds: nothing runs it at start.
pub(crate) fn missing_feature() -> Option<&'static str> {
    let present = __cpuid(1).ecx;
    FEATURES
        .iter()
        .find(|(bit, _)| present & (1 << bit) == 0)
        .map(|(_, name)| *name)
}
