//! Advisories against what made an executable, as text and for programs to read.

use std::fmt;

use serde::Serialize;

use super::advisory::Advisory;
use super::{Advisories, Made};
use crate::error::Printable;

/// What there is to say. Serialized, it is the output of `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    made: Made,
    /// How many advisories were looked at, withdrawn ones aside.
    advisories: usize,
    /// In the order of their kinds, then of their ids.
    findings: Vec<Finding>,
}

/// An advisory that is about the executable.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    kind: Kind,
    id: String,
    aliases: Vec<String>,
    package: String,
    /// Of the package, or of the release of Wasmtime that the package is part of.
    version: String,
    title: String,
    date: String,
    url: Option<String>,
    /// Version requirements.
    patched: Vec<String>,
    /// Functions of the package that the advisory names.
    functions: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// It counts.
    Affected,
    /// It says something of the package that is no vulnerability.
    Notice,
    /// It is about another part of the release that Cranelift comes from.
    Related,
}

impl Report {
    /// Looks at every advisory.
    pub(crate) fn new(made: Made, advisories: &Advisories) -> Self {
        let current = || advisories.all().filter(|advisory| !advisory.is_withdrawn);
        let mut findings: Vec<Finding> = current()
            .filter_map(|advisory| finding(&made, advisory))
            .collect();
        findings.sort_by_key(|finding| finding.kind);
        Report {
            advisories: current().count(),
            made,
            findings,
        }
    }

    /// Whether an advisory counts.
    pub(crate) fn is_affected(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.kind == Kind::Affected)
    }
}

fn finding(made: &Made, advisory: &Advisory) -> Option<Finding> {
    let mut packages = made.packages.iter();
    let package = packages.find(|package| package.name == advisory.part());
    let (version, is_part) = match package {
        Some(package) => (package.version.clone(), true),
        None if advisory.package == "wasmtime" => (made.wasmtime()?, advisory.own.cranelift),
        None => return None,
    };
    let options: Vec<&str> = made.options.iter().map(String::as_str).collect();
    if !advisory.affects(&version) || !advisory.is_about(made.arch, made.os, &options) {
        return None;
    }
    let functions = advisory.functions.iter();
    let functions = functions
        .filter(|(_, versions)| versions.iter().any(|versions| versions.matches(&version)))
        .map(|(function, _)| function.clone());
    Some(Finding {
        kind: match &advisory.informational {
            _ if !is_part => Kind::Related,
            Some(_) => Kind::Notice,
            None => Kind::Affected,
        },
        id: advisory.id.clone(),
        aliases: advisory.aliases.clone(),
        package: advisory.package.clone(),
        version: version.to_string(),
        title: advisory.title.clone(),
        date: advisory.date.clone(),
        url: advisory.url.clone(),
        patched: advisory.patched.iter().map(ToString::to_string).collect(),
        functions: functions.collect(),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = &self.made;
        let (arch, os) = (made.arch, made.os);
        writeln!(
            f,
            "program: {}, for {arch} {os}",
            Printable(&made.policy.name)
        )?;
        writeln!(f, "made by: nativize {}", made.compiler)?;
        writeln!(f, "code by: Cranelift {}", made.cranelift)?;
        writeln!(f, "options: {}", Printable(&made.options.join(" ")))?;
        let summary = made.summary.as_deref();
        writeln!(
            f,
            "policy: {}",
            Printable(summary.unwrap_or("nothing is granted"))
        )?;
        writeln!(f, "sandbox: {}", made.policy.sandbox)?;
        writeln!(f, "packages: {}", made.packages.len())?;
        for package in &made.packages {
            writeln!(f, "  {} {}", Printable(&package.name), package.version)?;
        }
        let count = |kind| {
            self.findings
                .iter()
                .filter(|found| found.kind == kind)
                .count()
        };
        let (affected, related) = (count(Kind::Affected), count(Kind::Related));
        let notices = count(Kind::Notice);
        write!(
            f,
            "advisories: {} known, {affected} affect it",
            self.advisories
        )?;
        if notices > 0 {
            write!(f, ", {notices} notices")?;
        }
        if related > 0 {
            write!(f, ", {related} related")?;
        }
        writeln!(f)?;
        self.findings.iter().try_for_each(|finding| finding.fmt(f))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.kind {
            Kind::Affected => "affected",
            Kind::Notice => "notice",
            Kind::Related => "related",
        };
        let (package, version) = (Printable(&self.package), Printable(&self.version));
        let (id, title) = (Printable(&self.id), Printable(&self.title));
        writeln!(f, "  {word}: {id}: {package} {version}: {title}")?;
        let line = |f: &mut fmt::Formatter<'_>, name: &str, items: &[String], or: &str| {
            let items = items.join(", ");
            match (items.is_empty(), or.is_empty()) {
                (true, true) => Ok(()),
                (true, false) => writeln!(f, "    {name}: {or}"),
                (false, _) => writeln!(f, "    {name}: {}", Printable(&items)),
            }
        };
        line(f, "also", &self.aliases, "")?;
        let patched: Vec<String> = self.patched.iter().map(|one| format!("`{one}`")).collect();
        line(f, "patched", &patched, "in no version")?;
        line(f, "functions", &self.functions, "")?;
        line(f, "see", self.url.as_slice(), "")
    }
}
