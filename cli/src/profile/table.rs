//! A profile as a table for the terminal.

use std::fmt::Write as _;

use super::Profile;
use crate::error::Printable;

/// The functions with the most samples of their own, at most `rows` of them.
pub(crate) fn table(profile: &Profile, rows: usize) -> String {
    let mut out = format!(
        "{} samples in {:.2} s of processor time",
        profile.samples, profile.cpu_seconds
    );
    if profile.lost > 0 {
        let _ = write!(out, "; {} more found no room", profile.lost);
    }
    out.push('\n');
    if profile.samples == 0 {
        return out;
    }
    out.push_str("   self   total  function\n");
    for frame in profile.frames.iter().take(rows) {
        let percent = |samples| 100.0 * profile.share(samples);
        let _ = writeln!(
            out,
            "{:>6.1}% {:>6.1}%  {}",
            percent(frame.own),
            percent(frame.total),
            Printable(&frame.name)
        );
    }
    if let Some(more) = profile
        .frames
        .len()
        .checked_sub(rows)
        .filter(|&more| more > 0)
    {
        let _ = writeln!(out, "{more} more");
    }
    out
}
