//! `--target-cpu`: levels, this machine and single features -> what generated code may use.

use nativize_compiler::{CpuFeature, CpuFeatures};

use crate::code::Code;
use crate::error::Failure;

/// What x86-64-v3 adds to v2, as far as code generation knows it.
const V3: [CpuFeature; 6] = [
    CpuFeature::Avx,
    CpuFeature::Avx2,
    CpuFeature::Fma,
    CpuFeature::Bmi1,
    CpuFeature::Bmi2,
    CpuFeature::Lzcnt,
];

/// What x86-64-v4 adds to that.
const V4: [CpuFeature; 3] = [
    CpuFeature::Avx512f,
    CpuFeature::Avx512dq,
    CpuFeature::Avx512vl,
];

/// Reads the value of `--target-cpu`: a level or `native`, features that are added to it, or features alone, which are
/// added to v2.
pub(crate) fn parse(text: &str) -> Result<CpuFeatures, Failure> {
    let mut features = CpuFeatures::NONE;
    for (index, word) in text.split(',').enumerate() {
        let added = match word.strip_prefix('+') {
            Some(name) => feature(name).map(CpuFeature::with_implied),
            None if index == 0 => level(word),
            None => None,
        };
        features = features.union(added.ok_or_else(|| refuse(text, word))?);
    }
    Ok(features)
}

fn level(name: &str) -> Option<CpuFeatures> {
    match name {
        "v2" => Some(CpuFeatures::NONE),
        "v3" => Some(V3.into_iter().collect()),
        "v4" => Some(V3.into_iter().chain(V4).collect()),
        "native" => Some(native()),
        _ => None,
    }
}

fn feature(name: &str) -> Option<CpuFeature> {
    CpuFeature::ALL
        .iter()
        .copied()
        .find(|feature| feature.name() == name)
}

fn refuse(text: &str, word: &str) -> Failure {
    let names: Vec<&str> = CpuFeature::ALL
        .iter()
        .map(|feature| feature.name())
        .collect();
    Failure::new(
        Code::BadValue,
        format!("invalid value `{text}` for `--target-cpu`"),
    )
    .cause(format!(
        "`{word}` is no level that code can be generated for, and no feature"
    ))
    .help(format!(
        "write v2, v3, v4 or native, and add features like this: v3,+avxvnni. They are {}",
        names.join(", ")
    ))
}

macro_rules! define_native {
    ($($name:ident = $bit:literal, $text:tt, implies $implied:tt, cpuid $cpuid:tt, state $state:literal;)*) => {
        /// What this machine has beyond the baseline.
        #[cfg(target_arch = "x86_64")]
        pub fn native() -> CpuFeatures {
            let mut features = CpuFeatures::NONE;
            $(
                if std::arch::is_x86_feature_detected!($text) {
                    features = features.union(CpuFeature::$name.with_implied());
                }
            )*
            features
        }
    };
}
nativize_abi::for_each_cpu_feature!(define_native);

/// What this machine, which is of another kind, has beyond the baseline.
#[cfg(not(target_arch = "x86_64"))]
pub fn native() -> CpuFeatures {
    CpuFeatures::NONE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        let features = parse(text).unwrap();
        features.iter().map(CpuFeature::name).collect()
    }

    #[test]
    fn levels() {
        assert_eq!(names("v2"), [""; 0]);
        assert_eq!(names("v3"), ["avx", "avx2", "fma", "bmi1", "bmi2", "lzcnt"]);
        let mut v4 = names("v3");
        v4.extend(["avx512f", "avx512dq", "avx512vl"]);
        assert_eq!(names("v4"), v4);
    }

    #[test]
    fn features_bring_what_they_imply() {
        assert_eq!(names("+bmi2"), ["bmi2"]);
        assert_eq!(names("+fma,+lzcnt"), ["avx", "fma", "lzcnt"]);
        assert_eq!(names("v2,+avx2"), ["avx", "avx2"]);
        let mut more = names("v3");
        more.push("avxvnni");
        assert_eq!(names("v3,+avxvnni"), more);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, word) in [
            ("v5", "v5"),
            ("", ""),
            ("+sse9", "+sse9"),
            ("avx2", "avx2"),
            ("v3,v4", "v4"),
            ("v3,avx", "avx"),
            ("v3,", ""),
        ] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.code, Code::BadValue);
            assert!(
                failure.causes[0].contains(&format!("`{word}`")),
                "{failure}"
            );
            assert!(failure.help.unwrap().contains("avx512vnni"));
        }
    }

    #[test]
    fn native_is_closed_under_implication() {
        let native = native();
        assert_eq!(native.iter().collect::<CpuFeatures>(), native);
    }
}
