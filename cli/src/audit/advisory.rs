//! One advisory: Markdown that begins with a block of TOML, in RustSec's format.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use serde::Deserialize;

/// A published flaw of a package.
#[derive(Clone, Debug)]
pub(crate) struct Advisory {
    pub(crate) id: String,
    pub(crate) package: String,
    pub(crate) title: String,
    pub(crate) date: String,
    pub(crate) url: Option<String>,
    pub(crate) aliases: Vec<String>,
    /// Versions without the flaw: later ones, and earlier ones.
    pub(crate) patched: Vec<VersionReq>,
    pub(crate) unaffected: Vec<VersionReq>,
    /// Of the architectures and systems; empty for all.
    pub(crate) arch: Vec<String>,
    pub(crate) os: Vec<String>,
    /// Functions of the package that have it, with the versions.
    pub(crate) functions: BTreeMap<String, Vec<VersionReq>>,
    /// What kind of notice it is, if it is not about a vulnerability.
    pub(crate) informational: Option<String>,
    pub(crate) is_withdrawn: bool,
    /// Whether it is of those about Rust itself (`collection = "rust"`), and not about a crate.
    pub(crate) is_of_rust: bool,
    /// What RustSec's format has no place for.
    pub(crate) own: Own,
}

/// The table `[nativize]`, which other readers of the format skip.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Own {
    /// Only code that was made with one of these options is affected; empty for all.
    pub(crate) options: Vec<String>,
    /// An advisory of Wasmtime is about Cranelift, which is released with it.
    pub(crate) cranelift: bool,
}

/// The block of TOML. Keys that are not here mean nothing to us.
#[derive(Deserialize)]
struct Front {
    advisory: Meta,
    versions: Versions,
    #[serde(default)]
    affected: Affected,
    nativize: Option<Own>,
}

#[derive(Deserialize)]
struct Meta {
    id: String,
    package: String,
    date: String,
    url: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    informational: Option<String>,
    withdrawn: Option<String>,
    collection: Option<String>,
}

#[derive(Deserialize)]
struct Versions {
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Affected {
    arch: Vec<String>,
    os: Vec<String>,
    functions: BTreeMap<String, Vec<String>>,
}

/// The text without what editors put before it: a byte order mark, empty lines.
fn beginning(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start()
}

/// Whether a text looks like an advisory: others may lie beside them.
pub(super) fn is_advisory(bytes: &[u8]) -> bool {
    let line = beginning(bytes).split(|&byte| byte == b'\n').next();
    line.map(<[u8]>::trim_ascii_end) == Some(b"```toml")
}

/// Whether a text that does not begin like an advisory has one in it.
pub(super) fn holds_advisory(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    lines.any(|line| line.trim_ascii() == b"[advisory]")
}

impl Advisory {
    /// Reads an advisory.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence without a full stop.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !is_advisory(text.as_bytes()) {
            return Err("it does not begin with a line ```toml".to_owned());
        }
        // (A mark and line ends are whole characters.)
        let before = text.len() - beginning(text.as_bytes()).len();
        let mut lines = text[before..].lines();
        lines.next();
        let mut front = String::new();
        loop {
            let line = lines.next().ok_or("its block of TOML does not end")?;
            if line.trim_end() == "```" {
                break;
            }
            front.push_str(line);
            front.push('\n');
        }
        let title = lines.find_map(|line| line.strip_prefix("# "));
        let title = title.ok_or("it has no title, a line that begins with `# `")?;
        let front: Front = toml::from_str(&front).map_err(|error| {
            let line = error.span().map_or(0, |span| {
                front[..span.start.min(front.len())].lines().count().max(1)
            });
            format!("{} (line {} of the block)", error.message(), line)
        })?;
        let functions = front.affected.functions;
        let functions = functions.into_iter().map(|(function, versions)| {
            let versions = requirements(&versions)?;
            Ok((function, versions))
        });
        Ok(Advisory {
            id: front.advisory.id,
            package: front.advisory.package,
            title: title.trim().to_owned(),
            date: front.advisory.date,
            url: front.advisory.url,
            aliases: front.advisory.aliases,
            patched: requirements(&front.versions.patched)?,
            unaffected: requirements(&front.versions.unaffected)?,
            arch: front.affected.arch,
            os: front.affected.os,
            functions: functions.collect::<Result<_, String>>()?,
            informational: front.advisory.informational,
            is_withdrawn: front.advisory.withdrawn.is_some(),
            is_of_rust: front.advisory.collection.as_deref() == Some("rust"),
            own: front.nativize.unwrap_or_default(),
        })
    }

    /// The package of an executable that it is about: what comes with Rust has the compiler's version. RustSec's files name the
    /// collection only by their folder; of these names some can be no crate's.
    pub(crate) fn part(&self) -> &str {
        match self.package.as_str() {
            "std" | "core" | "alloc" => "rustc",
            "compiler_builtins" if self.is_of_rust => "rustc",
            name => name,
        }
    }

    /// Whether this version has the flaw. A pre-release counts as patched only if it is named: a requirement
    /// like `>= 1.2` does not speak of `1.3.0-rc.1`, so in doubt it has.
    pub(crate) fn affects(&self, version: &Version) -> bool {
        let mut fine = self.patched.iter().chain(&self.unaffected);
        !fine.any(|requirement| requirement.matches(version))
    }

    /// Whether code for this target, made with these options, can have it.
    pub(crate) fn is_about(&self, arch: &str, os: &str, options: &[&str]) -> bool {
        let names =
            |list: &[String], name: &str| list.is_empty() || list.iter().any(|one| one == name);
        let wanted = &self.own.options;
        names(&self.arch, arch)
            && names(&self.os, os)
            && (wanted.is_empty() || wanted.iter().any(|one| options.contains(&one.as_str())))
    }
}

/// Version requirements, in the words of Cargo.
fn requirements(texts: &[String]) -> Result<Vec<VersionReq>, String> {
    let parse = |text: &String| {
        VersionReq::parse(text)
            .map_err(|error| format!("`{text}` is no version requirement: {error}"))
    };
    texts.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"p\"\ndate = \"2026-01-02\"\n\n\
        [versions]\npatched = [\">= 1.2.3, < 2.0.0\", \">= 2.0.1\"]\nunaffected = [\"< 1.0.0\"]\n\n[affected]\n\
        arch = [\"x86_64\"]\nfunctions = { \"p::f\" = [\"< 1.2.3\"] }\n\n[nativize]\noptions = [\"-g\"]\n```\n\n# A title\n";

    #[test]
    fn versions_are_ranges() {
        let advisory = Advisory::parse(TEXT).unwrap();
        for (version, affected) in [
            ("0.9.9", false),
            ("1.0.0", true),
            ("1.2.2", true),
            ("1.2.3", false),
            ("1.9.0", false),
            ("2.0.0", true),
            ("2.0.1", false),
            ("3.0.0", false),
            ("2.1.0-rc.1", true),
        ] {
            let version = Version::parse(version).unwrap();
            assert_eq!(advisory.affects(&version), affected, "{version}");
        }
    }

    #[test]
    fn marks_and_empty_lines_may_come_first() {
        for before in ["\u{feff}", "\n", "\u{feff}\r\n \n"] {
            assert!(Advisory::parse(&format!("{before}{TEXT}")).is_ok());
        }
    }

    #[test]
    fn conditions_are_about_targets_and_options() {
        let advisory = Advisory::parse(TEXT).unwrap();
        assert!(advisory.is_about("x86_64", "linux", &["-O2", "-g"]));
        assert!(!advisory.is_about("x86_64", "linux", &["-O2"]));
        assert!(!advisory.is_about("aarch64", "linux", &["-g"]));
        assert_eq!(advisory.title, "A title");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, words) in [
            (String::new(), "does not begin"),
            ("```toml\n[advisory]\n".to_owned(), "does not end"),
            (TEXT.replace("# A title", ""), "no title"),
            (TEXT.replace(">= 2.0.1", ">= two"), "`>= two` is no version"),
            (TEXT.replace("< 1.2.3", "<"), "`<` is no version"),
            (TEXT.replace("package = \"p\"\n", ""), "package"),
            (TEXT.replace("options", "option"), "option"),
            (TEXT.replace("patched", "fixed"), "patched"),
        ] {
            let error = Advisory::parse(&text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
