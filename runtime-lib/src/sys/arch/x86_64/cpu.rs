//! What the processor lacks of what a program was compiled for.
//!
//! CPUID traps into the hypervisor in a virtual machine, which costs microseconds: at start it is executed only for a
//! program that was compiled for more than x86-64-v2. The lack of that shows when an illegal instruction is met.
#![allow(unsafe_code)]

use core::arch::asm;
use core::arch::x86_64::{__cpuid, __cpuid_count};
use nativize_abi::cpu::CpuFeatures;

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
pub(crate) fn missing_feature() -> Option<&'static str> {
    let present = __cpuid(1).ecx;
    FEATURES
        .iter()
        .find(|(bit, _)| present & (1 << bit) == 0)
        .map(|(_, name)| *name)
}

/// The leaves and subleaves of CPUID that tell of the features of the contract.
const LEAVES: [(u32, u32); 4] = [(1, 0), (7, 0), (7, 1), (0x8000_0001, 0)];

/// The bit of `ecx` in leaf 1 that says that XCR0 can be read.
const OSXSAVE: u32 = 1 << 27;

/// Those of `features` that this machine does not have, or whose registers its kernel does not save.
pub(crate) fn missing_features(features: CpuFeatures) -> CpuFeatures {
    missing(features, cpuid, xcr0)
}

fn missing(
    features: CpuFeatures,
    cpuid: impl Fn(u32, u32) -> [u32; 4],
    xcr0: impl FnOnce() -> u64,
) -> CpuFeatures {
    let mut lacking = 0;
    for (leaf, subleaf) in LEAVES {
        let mut registers = None;
        for feature in features.iter() {
            let place = feature.cpuid();
            if (place.leaf, place.subleaf) == (leaf, subleaf) {
                let registers = *registers.get_or_insert_with(|| cpuid(leaf, subleaf));
                let register = registers.get(place.register).copied().unwrap_or(0);
                if register >> place.bit & 1 == 0 {
                    lacking |= 1 << feature as u32;
                }
            }
        }
    }
    if features.iter().any(|feature| feature.state() != 0) {
        let [_, _, ecx, _] = cpuid(1, 0);
        let enabled = if ecx & OSXSAVE != 0 { xcr0() } else { 0 };
        for feature in features.iter() {
            if feature.state() & !enabled != 0 {
                lacking |= 1 << feature as u32;
            }
        }
    }
    CpuFeatures(lacking)
}

/// EAX to EDX of a leaf; zeros where the processor has none. Leaf 1 and the extended one are in every x86-64.
fn cpuid(leaf: u32, subleaf: u32) -> [u32; 4] {
    if leaf == 7 && __cpuid(0).eax < leaf {
        return [0; 4];
    }
    let result = __cpuid_count(leaf, subleaf);
    [result.eax, result.ebx, result.ecx, result.edx]
}

/// The register states that the kernel has enabled.
fn xcr0() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: the caller has seen OSXSAVE, so the instruction exists; it reads a register.
    unsafe {
        asm!(
            "xgetbv",
            in("ecx") 0,
            out("eax") low,
            out("edx") high,
            options(nomem, nostack, preserves_flags)
        );
    }
    u64::from(high) << 32 | u64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nativize_abi::cpu::CpuFeature;

    fn names(features: CpuFeatures) -> Vec<&'static str> {
        features.iter().map(CpuFeature::name).collect()
    }

    #[test]
    fn each_feature_is_looked_up_where_the_standard_library_looks() {
        let all: CpuFeatures = CpuFeature::ALL.iter().copied().collect();
        let missing = missing_features(all);
        for (feature, present) in [
            (CpuFeature::Avx, is_x86_feature_detected!("avx")),
            (CpuFeature::Avx2, is_x86_feature_detected!("avx2")),
            (CpuFeature::Fma, is_x86_feature_detected!("fma")),
            (CpuFeature::Bmi1, is_x86_feature_detected!("bmi1")),
            (CpuFeature::Bmi2, is_x86_feature_detected!("bmi2")),
            (CpuFeature::Lzcnt, is_x86_feature_detected!("lzcnt")),
            (CpuFeature::AvxVnni, is_x86_feature_detected!("avxvnni")),
            (CpuFeature::Avx512f, is_x86_feature_detected!("avx512f")),
            (CpuFeature::Avx512dq, is_x86_feature_detected!("avx512dq")),
            (CpuFeature::Avx512vl, is_x86_feature_detected!("avx512vl")),
            (
                CpuFeature::Avx512vbmi,
                is_x86_feature_detected!("avx512vbmi"),
            ),
            (
                CpuFeature::Avx512bitalg,
                is_x86_feature_detected!("avx512bitalg"),
            ),
            (
                CpuFeature::Avx512vnni,
                is_x86_feature_detected!("avx512vnni"),
            ),
        ] {
            assert_eq!(!missing.contains(feature), present, "{}", feature.name());
        }
    }

    #[test]
    fn an_old_processor_lacks_what_came_later() {
        // Only AVX, as Sandy Bridge has it, with its registers enabled.
        let cpuid = |leaf, _| match leaf {
            1 => [0, 0, OSXSAVE | 1 << 28, 0],
            _ => [0; 4],
        };
        let needed: CpuFeatures = [CpuFeature::Avx2, CpuFeature::Bmi2].into_iter().collect();
        assert_eq!(names(missing(needed, cpuid, || 7)), ["avx2", "bmi2"]);
        assert_eq!(
            names(missing(CpuFeature::Avx.with_implied(), cpuid, || 7)),
            [""; 0]
        );
    }

    #[test]
    fn registers_that_the_kernel_does_not_save_are_lacking() {
        let all_bits = |_, _| [u32::MAX; 4];
        let needed: CpuFeatures = [CpuFeature::Avx512vl, CpuFeature::Lzcnt]
            .into_iter()
            .collect();
        assert_eq!(
            names(missing(needed, all_bits, || 7)),
            ["avx512f", "avx512vl"]
        );
        let without_osxsave = |_, _| [u32::MAX, u32::MAX, !OSXSAVE, u32::MAX];
        let reads_no_register = || panic!("XGETBV would be an illegal instruction");
        assert_eq!(
            names(missing(
                CpuFeature::Avx.with_implied(),
                without_osxsave,
                reads_no_register
            )),
            ["avx"]
        );
    }
}
