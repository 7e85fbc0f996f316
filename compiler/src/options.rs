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
    /// Page protection: behind what is in use nothing is mapped in 6 GiB of addresses.
    #[default]
    Guard,
    /// A compare before every access.
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

/// A transformation that can be switched off, to find out what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pass {
    /// Bodies of functions in place of calls.
    Inline,
    /// Additions that make an address done by the access.
    Fold,
    /// The new counter compared in place of the old one.
    Latch,
    /// Loop parameters and loads that addresses are made of, kept zero-extended.
    Widen,
    /// Instructions ordered so that fewer values wait in registers.
    Schedule,
    /// Operations in the form that overwrites nothing which is needed.
    Copies,
    /// Several forms of a function compiled, the cheapest kept.
    Variants,
    /// Short forms of branches and of constants in the machine code.
    Shorten,
    /// Loops that begin where few lines of the cache hold them.
    Align,
}

impl Pass {
    /// Every one.
    pub const ALL: [Pass; 9] = [
        Pass::Inline,
        Pass::Fold,
        Pass::Latch,
        Pass::Widen,
        Pass::Schedule,
        Pass::Copies,
        Pass::Variants,
        Pass::Shorten,
        Pass::Align,
    ];

    /// The name that users write.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Pass::Inline => "inline",
            Pass::Fold => "fold",
            Pass::Latch => "latch",
            Pass::Widen => "widen",
            Pass::Schedule => "schedule",
            Pass::Copies => "copies",
            Pass::Variants => "variants",
            Pass::Shorten => "shorten",
            Pass::Align => "align",
        }
    }
}

/// A set of [`Pass`]es.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Passes(u32);

impl Passes {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Pass::ALL.into_iter().collect()
    }

    /// Adds `pass`.
    pub fn insert(&mut self, pass: Pass) {
        self.0 |= 1 << pass as u32;
    }

    /// Whether `pass` is among them.
    #[must_use]
    pub fn contains(self, pass: Pass) -> bool {
        self.0 & (1 << pass as u32) != 0
    }
}

impl FromIterator<Pass> for Passes {
    fn from_iter<I: IntoIterator<Item = Pass>>(passes: I) -> Self {
        Passes(
            passes
                .into_iter()
                .fold(0, |set, pass| set | 1 << pass as u32),
        )
    }
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
    /// Passes that the optimization level would run and that are switched off.
    pub disabled_passes: Passes,
    /// Leave out where in the source the program's code comes from, which its module may say.
    pub strip: bool,
    /// Let the program write core dumps: [`nativize_abi::config::Setting::COREDUMP`] of its configuration asks for them.
    pub coredump: bool,
    /// Threads to compile on; `None` is one for each core. Never changes the output.
    pub threads: Option<usize>,
    /// Write debug information for native debuggers, made of the modules' own. Bodies stay where they are called, and values
    /// are kept for longer.
    pub debug: bool,
    /// End memories that page protection guards below what valgrind occupies.
    /// **Unsafe**: an index past that end reaches whatever valgrind has there. Code and addresses stay the same.
    pub valgrind: bool,
    /// Record for all code where it comes from, not only for calls and for what can trap: samples are told apart by that.
    pub profiling: bool,
}

impl Options {
    /// Whether a pass that belongs to `level` runs.
    pub(crate) fn runs(&self, pass: Pass, level: OptLevel) -> bool {
        // A debugger's breakpoints, steps and frames are those of the functions that the module has.
        let is_left_out = self.debug && pass == Pass::Inline;
        self.opt_level >= level && !self.disabled_passes.contains(pass) && !is_left_out
    }
}
