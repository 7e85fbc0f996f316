//! The machine that code is generated for.

use crate::plan::Plan;
use crate::{CpuFeature, OptLevel, Options};
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetFrontendConfig};
use cranelift_codegen::settings::{self, Configurable};

/// The baseline of the first target: x86-64-v2.
const BASELINE: [&str; 6] = [
    "has_cmpxchg16b",
    "has_popcnt",
    "has_sse3",
    "has_ssse3",
    "has_sse41",
    "has_sse42",
];

/// Cranelift's setting for a feature beyond it.
fn setting(feature: CpuFeature) -> &'static str {
    match feature {
        CpuFeature::Avx => "has_avx",
        CpuFeature::Avx2 => "has_avx2",
        CpuFeature::Fma => "has_fma",
        CpuFeature::Bmi1 => "has_bmi1",
        CpuFeature::Bmi2 => "has_bmi2",
        CpuFeature::Lzcnt => "has_lzcnt",
        CpuFeature::AvxVnni => "has_avx_vnni",
        CpuFeature::Avx512f => "has_avx512f",
        CpuFeature::Avx512dq => "has_avx512dq",
        CpuFeature::Avx512vl => "has_avx512vl",
        CpuFeature::Avx512vbmi => "has_avx512vbmi",
        CpuFeature::Avx512bitalg => "has_avx512bitalg",
        CpuFeature::Avx512vnni => "has_avx512vnni",
    }
}

/// The machine that code is generated for.
pub(crate) fn target(options: &Options, plan: &Plan) -> Target {
    let allocator = match options.opt_level {
        OptLevel::O0 => "single_pass",
        OptLevel::O1 | OptLevel::O2 | OptLevel::O3 => "backtracking",
    };
    Target {
        optimizing: isa(options, plan, "speed", allocator, true),
        lowering: isa(options, plan, "none", allocator, true),
        lowering_branchy: isa(options, plan, "none", allocator, false),
        lowering_huge: isa(options, plan, "none", "single_pass", false),
        wraps: plan.state.low_memory_wraps,
    }
}

/// The machine that code is generated for, several times: Cranelift optimizes with the first, and lowers with another, which does
/// not optimize again. To say where blocks start takes time that grows with the square of the edges between which nothing is:
/// where there are many it does not, and if the function is huge its register allocator takes linear time too.
pub(crate) struct Target {
    pub optimizing: OwnedTargetIsa,
    pub lowering: OwnedTargetIsa,
    pub lowering_branchy: OwnedTargetIsa,
    pub lowering_huge: OwnedTargetIsa,
    /// Accesses to the low memory may compute their address in 32 bits.
    pub wraps: bool,
}

fn isa(
    options: &Options,
    plan: &Plan,
    opt_level: &str,
    allocator: &str,
    tells_blocks: bool,
) -> OwnedTargetIsa {
    let mut flags = settings::builder();
    let mut set = |name: &str, value: &str| {
        flags
            .set(name, value)
            .expect("a setting of this Cranelift release")
    };
    set("opt_level", opt_level);
    set("regalloc_algorithm", allocator);
    set(
        "enable_verifier",
        if cfg!(debug_assertions) {
            "true"
        } else {
            "false"
        },
    );
    set("is_pic", "false");
    set("preserve_frame_pointers", "true");
    set("unwind_info", "true");
    // Where blocks start in the code.
    set(
        "machine_code_cfg_info",
        if tells_blocks { "true" } else { "false" },
    );
    // A frame larger than a page touches every page in turn, so that it cannot step over the stack's guard.
    set("enable_probestack", "true");
    set("probestack_strategy", "inline");
    set("enable_multi_ret_implicit_sret", "true");
    if plan.threads.is_some() {
        set("enable_pinned_reg", "true");
    }
    let triple = "x86_64-unknown-linux-gnu".parse().expect("a triple");
    let mut isa = isa::lookup(triple).expect("the x86-64 back end is compiled in");
    let features = options.target_cpu.iter().map(setting);
    for feature in BASELINE.into_iter().chain(features) {
        isa.enable(feature)
            .expect("a feature of this Cranelift release");
    }
    isa.finish(settings::Flags::new(flags))
        .expect("the settings agree")
}

/// What the front end needs to know of the target.
pub(crate) fn frontend_config() -> TargetFrontendConfig {
    TargetFrontendConfig {
        default_call_conv: isa::CallConv::SystemV,
        pointer_width: target_lexicon::PointerWidth::U64,
        page_size_align_log2: 12,
    }
}
