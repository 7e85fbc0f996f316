//! What the user can choose about code generation.

pub use nativize_abi::cpu::{CpuFeature, CpuFeatures};

/// How much to optimize.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptLevel {
    /// Fastest compilation.
    O0,
    /// Cheap optimizations.
    O1,
    /// The default.
    #[default]
    O2,
    /// Everything.
    O3,
}

/// How memory accesses are kept inside linear memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BoundsChecks {
    /// Page protection around a reservation of 6 GiB of address space.
    #[default]
    Guard,
    /// A compare before every access; only what is in use is mapped.
    Explicit,
}

/// What relaxed vector instructions give for operands for which the specification allows several results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RelaxedSimd {
    /// Whatever takes the fewest instructions on the target.
    #[default]
    Fast,
    /// The result of the specification's deterministic profile, on every target.
    Deterministic,
}

/// Options of [`crate::compile`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// How much to optimize.
    pub opt_level: OptLevel,
    /// How memory accesses are checked.
    pub bounds_checks: BoundsChecks,
    /// What the processor has beyond x86-64-v2. The program refuses to start on one that lacks any of it.
    pub target_cpu: CpuFeatures,
    /// What relaxed vector instructions give.
    pub relaxed_simd: RelaxedSimd,
    /// Threads to compile on; `None` is one for each core. Never changes the output.
    pub threads: Option<usize>,
}
