//! Crates, collections, formatting and files of today's Rust in one report.

use regex::Regex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, BufRead, Write};

/// A small language: `let x = 1 + 2 * y; print x`.
#[derive(Debug)]
enum Expression {
    Number(f64),
    Name(String),
    Binary(Box<Expression>, char, Box<Expression>),
}

fn parse(tokens: &[String], at: &mut usize, least: u8) -> Result<Expression, String> {
    let token = tokens.get(*at).ok_or("unexpected end")?;
    *at += 1;
    let mut left = if token == "(" {
        let inner = parse(tokens, at, 0)?;
        *at += 1;
        inner
    } else if let Ok(number) = token.parse() {
        Expression::Number(number)
    } else if token.chars().all(char::is_alphanumeric) {
        Expression::Name(token.clone())
    } else {
        return Err(format!("unexpected {token:?}"));
    };
    while let Some(operator) = tokens.get(*at).and_then(|t| t.chars().next()) {
        let strength = match operator {
            '+' | '-' => 1,
            '*' | '/' => 2,
            _ => break,
        };
        if strength <= least {
            break;
        }
        *at += 1;
        let right = parse(tokens, at, strength)?;
        left = Expression::Binary(Box::new(left), operator, Box::new(right));
    }
    Ok(left)
}

fn evaluate(expression: &Expression, names: &HashMap<String, f64>) -> Result<f64, String> {
    Ok(match expression {
        Expression::Number(number) => *number,
        Expression::Name(name) => *names.get(name).ok_or_else(|| format!("{name} is not known"))?,
        Expression::Binary(left, operator, right) => {
            let (a, b) = (evaluate(left, names)?, evaluate(right, names)?);
            match operator {
                '+' => a + b,
                '-' => a - b,
                '*' => a * b,
                _ => a / b,
            }
        }
    })
}

fn run(source: &str, out: &mut impl Write) -> io::Result<()> {
    let token = Regex::new(r"[A-Za-z]\w*|\d+(?:\.\d+)?|[-+*/()=]").expect("the pattern is valid");
    let mut names = HashMap::new();
    for line in source.split(';').map(str::trim).filter(|line| !line.is_empty()) {
        let tokens: Vec<String> = token.find_iter(line).map(|m| m.as_str().to_owned()).collect();
        let result = match tokens.first().map(String::as_str) {
            Some("let") => parse(&tokens, &mut 3, 0).and_then(|e| evaluate(&e, &names)).map(|value| {
                names.insert(tokens[1].clone(), value);
                format!("{} = {value}", tokens[1])
            }),
            Some("print") => parse(&tokens, &mut 1, 0)
                .and_then(|e| evaluate(&e, &names).map(|value| format!("{value:.6} from {e:?}"))),
            _ => Err(format!("not a statement: {line}")),
        };
        match result {
            Ok(text) => writeln!(out, "{text}")?,
            Err(text) => writeln!(out, "error: {text}")?,
        }
    }
    Ok(())
}

fn json(out: &mut impl Write) -> io::Result<()> {
    let document = json!({"list": [1, 2.5, -1e300, null, "é\n"], "nested": {"deep": {"er": true}}, "big": u64::MAX});
    let text = serde_json::to_string_pretty(&document)?;
    writeln!(out, "{text}")?;
    writeln!(out, "{}", serde_json::from_str::<Value>(&text)? == document)?;
    for bad in ["{", "[1,]", "{\"a\": 1e999}", "\"\\ud800\"", "nul"] {
        writeln!(out, "{:?}", serde_json::from_str::<Value>(bad).map_err(|e| e.to_string()))?;
    }
    Ok(())
}

fn words(path: &str, out: &mut impl Write) -> io::Result<()> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let word = Regex::new(r"(?i)\b[a-z]{3,}\b").expect("the pattern is valid");
    for line in io::BufReader::new(fs::File::open(path)?).lines() {
        for found in word.find_iter(&line?) {
            *counts.entry(found.as_str().to_lowercase()).or_default() += 1;
        }
    }
    let mut ranked: Vec<_> = counts.iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (word, count) in ranked.iter().take(8) {
        writeln!(out, "{word:>12} {count:<4}|{}", "#".repeat(**count / 4))?;
    }
    fs::write("/work/words.json", serde_json::to_vec(&counts)?)
}

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{:?}", std::env::args().skip(1).collect::<Vec<_>>())?;
    run("let x = 1 + 2 * 3; let y = (x - 2) / 4; print x * y - 10; print z; let 1; print 1 +; foo", &mut out)?;
    json(&mut out)?;
    words("/work/queries.sql", &mut out)?;
    let mut state = 1u128;
    let mut digits = 0u32;
    for i in 0..100_000u128 {
        state = state.wrapping_mul(0x2360ed051fc65da44385df649fccf645).wrapping_add(i);
        digits += (state / (i + 1)).leading_zeros() + (state % 1_000_000_007).count_ones();
    }
    writeln!(out, "{state} {digits}")?;
    let error = fs::read("/elsewhere").map_err(|e| e.kind() != io::ErrorKind::Interrupted);
    writeln!(out, "{error:?} {}", "text".parse::<f64>().is_err())?;
    out.flush()?;
    let unlucky: Vec<u32> = (0..13).collect();
    assert!(unlucky.len() < std::env::args().count(), "{} is not lucky", unlucky.len());
    Ok(())
}
