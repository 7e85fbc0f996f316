//! An executable's notes -> what made it; and the options of a build -> the words for the notes.

use nativize_compiler::{BoundsChecks, CpuFeatures, OptLevel, Options, Pass, RelaxedSimd};
use semver::Version;
use serde::{Serialize, Serializer};

use super::whole;
use crate::inspect::{self, Executable};
use crate::link::{self, NoNotes};
use crate::policy::{self, Policy};

/// What an executable says of how it was made.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    /// The version of nativize.
    #[serde(serialize_with = "as_text")]
    pub(crate) compiler: Version,
    /// The version of Cranelift, which made its code.
    #[serde(serialize_with = "as_text")]
    pub(crate) cranelift: Version,
    pub(crate) arch: &'static str,
    pub(crate) os: &'static str,
    /// As they are written on the command line.
    pub(crate) options: Vec<String>,
    /// What made its code and what it consists of, sorted by name.
    pub(crate) packages: Vec<Package>,
    /// What it was granted.
    pub(crate) policy: Executable,
    #[serde(skip)]
    pub(crate) summary: Option<String>,
}

/// A package in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    #[serde(serialize_with = "as_text")]
    pub(crate) version: Version,
}

/// Why nothing can be said of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Notes(NoNotes),
    /// It has notes, and is not what they are about.
    Executable(&'static str),
}

impl Made {
    /// Reads an executable that is whole.
    ///
    /// # Errors
    /// What is wrong with it or with its notes.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let made = Made::of_notes(bytes).map_err(Unreadable::Notes)?;
        whole::check(bytes).map_err(Unreadable::Executable)?;
        Ok(made)
    }

    fn of_notes(bytes: &[u8]) -> Result<Self, NoNotes> {
        let notes = link::check_notes(bytes)?;
        let damaged = |reason| move || NoNotes::Damaged(reason);
        let compiler = Version::parse(notes.version)
            .map_err(|_| NoNotes::Damaged("the compiler's version is no version"))?;
        let options = notes
            .options
            .ok_or_else(damaged("the options of the build are missing"))?;
        let packages = notes
            .packages
            .ok_or_else(damaged("the list of packages is missing"))?;
        let packages = packages.lines().map(package).collect::<Option<Vec<_>>>();
        let packages = packages.ok_or_else(damaged("the list of packages has another form"))?;
        let find = |name: &str| packages.iter().find(|package| package.name == name);
        let cranelift = find("cranelift-codegen")
            .ok_or_else(damaged("the list of packages lacks Cranelift"))?;
        if find("nativize").is_none_or(|package| package.version != compiler) {
            return Err(NoNotes::Damaged(
                "they disagree about the version of nativize",
            ));
        }
        let policy = Policy::decode(notes.config);
        if policy.encode() != notes.config {
            return Err(NoNotes::Damaged("the policy has another form"));
        }
        let filter_is_whole = notes.filter.is_none_or(|filter| filter.len() % 8 == 0);
        let executable = inspect::executable(bytes).filter(|_| filter_is_whole);
        Ok(Made {
            cranelift: cranelift.version.clone(),
            compiler,
            // The linker writes nothing else, and `whole` sees to it.
            arch: "x86_64",
            os: "linux",
            options: options.split(' ').map(str::to_owned).collect(),
            packages,
            policy: executable.ok_or_else(damaged("the filter of system calls is cut off"))?,
            summary: policy::summary(&policy),
        })
    }

    /// The release of Wasmtime that this Cranelift is part of: they have one repository and one day of release, and
    /// Wasmtime 1.0 came with Cranelift 0.88.
    pub(crate) fn wasmtime(&self) -> Option<Version> {
        let Version {
            major,
            minor,
            patch,
            ..
        } = self.cranelift;
        let release = minor.checked_sub(87)?;
        (major == 0 && release > 0).then(|| Version::new(release, 0, patch))
    }
}

fn as_text<S: Serializer>(version: &Version, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(version)
}

fn package(line: &str) -> Option<Package> {
    let (name, version) = line.split_once(' ')?;
    Some(Package {
        name: name.to_owned(),
        version: Version::parse(version).ok()?,
    })
}

/// The options that decide what code is made, in the words of the command line, separated by spaces. The number of
/// threads is none of them: it changes nothing.
pub fn describe_options(options: &Options) -> String {
    // Each field by its name: one that is added has to be thought of here.
    let Options {
        opt_level,
        bounds_checks,
        target_cpu,
        relaxed_simd,
        disabled_passes,
        strip,
        coredump,
        threads: _,
        debug,
        valgrind,
        profiling,
    } = options;
    let mut words = vec![
        match opt_level {
            OptLevel::O0 => "-O0",
            OptLevel::O1 => "-O1",
            OptLevel::O2 => "-O2",
            OptLevel::O3 => "-O3",
        }
        .to_owned(),
        match bounds_checks {
            BoundsChecks::Guard => "--bounds-checks=guard",
            BoundsChecks::Explicit => "--bounds-checks=explicit",
        }
        .to_owned(),
        match relaxed_simd {
            RelaxedSimd::Fast => "--relaxed-simd=fast",
            RelaxedSimd::Deterministic => "--relaxed-simd=deterministic",
        }
        .to_owned(),
    ];
    words.push(format!("--target-cpu={}", cpu(*target_cpu)));
    let flags = [
        (*debug, "-g"),
        (*strip, "--strip"),
        (*profiling, "--profiling"),
        (*coredump, "--coredump"),
        (*valgrind, "-Zvalgrind"),
    ];
    words.extend(
        flags
            .iter()
            .filter(|flag| flag.0)
            .map(|flag| flag.1.to_owned()),
    );
    let disabled = Pass::ALL
        .iter()
        .filter(|&&pass| disabled_passes.contains(pass));
    words.extend(disabled.map(|pass| format!("-Zno-{}", pass.name())));
    words.join(" ")
}

/// The value of `--target-cpu` that gives these features: `native` is what it was on the machine of the build.
fn cpu(features: CpuFeatures) -> String {
    let names = features
        .iter()
        .map(|feature| format!(",+{}", feature.name()));
    format!("v2{}", names.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target_cpu;

    #[test]
    fn features_are_written_as_they_are_read() {
        for text in ["v2", "v3", "v4", "v3,+avxvnni"] {
            let features = target_cpu::parse(text).unwrap();
            assert_eq!(
                target_cpu::parse(&cpu(features)).unwrap(),
                features,
                "{text}"
            );
        }
    }

    #[test]
    fn options_are_those_of_the_command_line() {
        let mut options = Options::default();
        let default = "-O2 --bounds-checks=guard --relaxed-simd=fast --target-cpu=v2";
        assert_eq!(describe_options(&options), default);
        options.threads = Some(7);
        assert_eq!(describe_options(&options), default);
        options.valgrind = true;
        options.disabled_passes.insert(Pass::Inline);
        let more = format!("{default} -Zvalgrind -Zno-inline");
        assert_eq!(describe_options(&options), more);
    }
}
