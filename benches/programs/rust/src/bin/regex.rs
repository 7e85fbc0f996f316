//! Regular expressions over a text: literals, classes, alternatives, captures, replacement.

use programs::{done, mix, text, work};
use regex::Regex;

fn main() {
    let text = text(1 << 16);
    let patterns = [
        r"memory",
        r"(?i)index|stack|compiler",
        r"[a-z]+\s+\d+",
        r"\b(\w+)\s+is\s+(\w+)\b",
        r"(?m)^\s*(the|a)\s.*[.;]$",
        r"\d{3,5}",
        r"[^aeiou\s]{4,}",
    ];
    let mut sum = 0;
    let expressions: Vec<Regex> = patterns.iter().map(|pattern| Regex::new(pattern).unwrap()).collect();
    let words = Regex::new(r"(\w+), ?(\w+)").unwrap();
    for _ in 0..work(14) {
        for expression in &expressions {
            for found in expression.find_iter(&text) {
                sum = mix(sum, (found.start() ^ found.len() << 20) as u64);
            }
        }
        for captures in words.captures_iter(&text) {
            sum = mix(sum, (captures[1].len() * 100 + captures[2].len()) as u64);
        }
        sum = mix(sum, words.replace_all(&text, "$2 $1").len() as u64);
    }
    done(sum);
}
