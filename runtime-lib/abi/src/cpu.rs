//! Processor features beyond the baseline that a program may have been compiled for, and how a processor tells that
//! it has them.

/// Calls a macro with the table of features:
/// `Name = bit, "name", implies [Names], cpuid (leaf, subleaf, register, bit), state mask`.
///
/// A register is 0 for EAX to 3 for EDX. A state mask is what the kernel must have enabled in XCR0 for the registers
/// that the feature's instructions use. The names are those of Rust and LLVM.
#[macro_export]
macro_rules! for_each_cpu_feature {
    ($mac:ident) => {
        $mac! {
            Avx = 0, "avx", implies [], cpuid (1, 0, 2, 28), state 0x6;
            Avx2 = 1, "avx2", implies [Avx], cpuid (7, 0, 1, 5), state 0x6;
            Fma = 2, "fma", implies [Avx], cpuid (1, 0, 2, 12), state 0x6;
            Bmi1 = 3, "bmi1", implies [], cpuid (7, 0, 1, 3), state 0;
            Bmi2 = 4, "bmi2", implies [], cpuid (7, 0, 1, 8), state 0;
            Lzcnt = 5, "lzcnt", implies [], cpuid (0x8000_0001, 0, 2, 5), state 0;
            AvxVnni = 6, "avxvnni", implies [Avx, Avx2], cpuid (7, 1, 0, 4), state 0x6;
            Avx512f = 7, "avx512f", implies [Avx, Avx2, Fma], cpuid (7, 0, 1, 16), state 0xe6;
            Avx512dq = 8, "avx512dq", implies [Avx, Avx2, Fma, Avx512f], cpuid (7, 0, 1, 17), state 0xe6;
            Avx512vl = 9, "avx512vl", implies [Avx, Avx2, Fma, Avx512f], cpuid (7, 0, 1, 31), state 0xe6;
            Avx512vbmi = 10, "avx512vbmi", implies [Avx, Avx2, Fma, Avx512f], cpuid (7, 0, 2, 1), state 0xe6;
            Avx512bitalg = 11, "avx512bitalg", implies [Avx, Avx2, Fma, Avx512f], cpuid (7, 0, 2, 12), state 0xe6;
            Avx512vnni = 12, "avx512vnni", implies [Avx, Avx2, Fma, Avx512f], cpuid (7, 0, 2, 11), state 0xe6;
        }
    };
}

/// Where CPUID tells of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpuid {
    /// EAX before the instruction.
    pub leaf: u32,
    /// ECX before the instruction.
    pub subleaf: u32,
    /// The register to look at: 0 for EAX, 1 for EBX, 2 for ECX, 3 for EDX.
    pub register: usize,
    /// The bit in it.
    pub bit: u32,
}

macro_rules! define_features {
    ($($name:ident = $bit:literal, $text:literal, implies [$($implied:ident),*],
        cpuid ($leaf:literal, $subleaf:literal, $register:literal, $cpuid_bit:literal), state $state:literal;)*) => {
        /// A processor feature beyond the baseline; its number is its bit in [`CpuFeatures`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum CpuFeature {
            $(#[doc = $text] $name = $bit,)*
        }

        impl CpuFeature {
            /// Every feature of the table.
            pub const ALL: &'static [CpuFeature] = &[$(CpuFeature::$name),*];

            /// What people call it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(CpuFeature::$name => $text,)*
                }
            }

            /// Where CPUID tells of it.
            pub const fn cpuid(self) -> Cpuid {
                match self {
                    $(CpuFeature::$name => {
                        Cpuid { leaf: $leaf, subleaf: $subleaf, register: $register, bit: $cpuid_bit }
                    })*
                }
            }

            /// The bits of XCR0 without which its instructions fault.
            pub const fn state(self) -> u64 {
                match self {
                    $(CpuFeature::$name => $state,)*
                }
            }

            /// The feature and those that a processor with it has too.
            pub const fn with_implied(self) -> CpuFeatures {
                match self {
                    $(CpuFeature::$name => {
                        CpuFeatures(1 << $bit $(| 1 << CpuFeature::$implied as u32)*)
                    })*
                }
            }
        }
    };
}
for_each_cpu_feature!(define_features);

/// A set of features: bit n is the [`CpuFeature`] of number n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct CpuFeatures(pub u32);

impl CpuFeatures {
    /// The baseline alone.
    pub const NONE: CpuFeatures = CpuFeatures(0);

    /// Whether `feature` is in the set.
    pub const fn contains(self, feature: CpuFeature) -> bool {
        self.0 >> feature as u32 & 1 != 0
    }

    /// The features of both sets.
    #[must_use]
    pub const fn union(self, other: CpuFeatures) -> CpuFeatures {
        CpuFeatures(self.0 | other.0)
    }

    /// The features in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = CpuFeature> {
        CpuFeature::ALL
            .iter()
            .copied()
            .filter(move |&feature| self.contains(feature))
    }
}

impl FromIterator<CpuFeature> for CpuFeatures {
    /// The features and what they imply.
    fn from_iter<I: IntoIterator<Item = CpuFeature>>(features: I) -> Self {
        features
            .into_iter()
            .fold(CpuFeatures::NONE, |set, feature| {
                set.union(feature.with_implied())
            })
    }
}
