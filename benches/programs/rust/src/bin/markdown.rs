//! Markdown to HTML.

use programs::{done, mix, mix_bytes, text, work};
use pulldown_cmark::{Options, Parser, html};

fn main() {
    let words = text(1 << 15);
    let mut source = String::new();
    for (number, line) in words.lines().enumerate() {
        let line = line.trim();
        match number % 9 {
            0 => source += &format!("\n## {line}\n\n"),
            1 => source += &format!("* {line}\n* **{line}** and `code`\n\n"),
            2 => source += &format!("> {line}\n\n"),
            3 => source += &format!("[{line}](https://example.org/{number} \"title\")\n"),
            4 => source += &format!("1. {line}\n2. _{line}_\n\n"),
            5 => source += &format!("```\n{line}\n```\n"),
            6 => source += &format!("| a | b |\n|---|---|\n| {number} | x |\n\n"),
            7 => source += &format!("<b>{line}</b> &amp; ~~gone~~ \\*\n"),
            _ => source += &format!("{line}\n"),
        }
    }
    let mut sum = 0;
    let mut out = String::new();
    for round in 0..work(220) {
        out.clear();
        let options = if round % 2 == 0 { Options::all() } else { Options::empty() };
        html::push_html(&mut out, Parser::new_ext(&source, options));
        sum = mix(sum, out.len() as u64);
    }
    done(mix_bytes(sum, out.as_bytes()));
}
