// Formatting, parsing and Unicode text in Rust.
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Default)]
struct Point {
    x: f64,
    y: f64,
    label: Option<String>,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.precision() {
            Some(p) => write!(f, "({:.*}, {:.*})", p, self.x, p, self.y),
            None => write!(f, "({}, {})", self.x, self.y),
        }
    }
}

#[derive(Debug)]
enum Json {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn space(&mut self) {
        while self.text.get(self.at).map_or(false, |c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
    }
    fn expect(&mut self, c: u8) -> Result<(), String> {
        self.space();
        if self.text.get(self.at) == Some(&c) {
            self.at += 1;
            return Ok(());
        }
        Err(format!("expected {:?} at {}", c as char, self.at))
    }
    fn string(&mut self) -> Result<String, String> {
        self.expect(b'"')?;
        let start = self.at;
        while *self.text.get(self.at).ok_or("unterminated string")? != b'"' {
            self.at += 1;
        }
        self.at += 1;
        String::from_utf8(self.text[start..self.at - 1].to_vec()).map_err(|e| e.to_string())
    }
    fn value(&mut self) -> Result<Json, String> {
        self.space();
        match self.text.get(self.at) {
            Some(b'{') => {
                self.at += 1;
                let mut map = BTreeMap::new();
                loop {
                    let key = self.string()?;
                    self.expect(b':')?;
                    map.insert(key, self.value()?);
                    if self.expect(b',').is_err() {
                        break;
                    }
                }
                self.expect(b'}')?;
                Ok(Json::Object(map))
            }
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                loop {
                    items.push(self.value()?);
                    if self.expect(b',').is_err() {
                        break;
                    }
                }
                self.expect(b']')?;
                Ok(Json::Array(items))
            }
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b't') => {
                self.at += 4;
                Ok(Json::Bool(true))
            }
            Some(b'f') => {
                self.at += 5;
                Ok(Json::Bool(false))
            }
            Some(b'n') => {
                self.at += 4;
                Ok(Json::Null)
            }
            Some(_) => {
                let start = self.at;
                while self.text.get(self.at).map_or(false, |c| b"+-.eE0123456789".contains(c)) {
                    self.at += 1;
                }
                std::str::from_utf8(&self.text[start..self.at])
                    .unwrap()
                    .parse()
                    .map(Json::Number)
                    .map_err(|e| format!("{e} at {start}"))
            }
            None => Err("end of input".into()),
        }
    }
}

fn main() {
    let point = Point { x: 1.5, y: -0.25, label: Some("origin\tish \"é\"".into()) };
    println!("{point} {point:.3} {point:?}");
    println!("{point:#?}");
    println!("[{:>8}] [{:<8}] [{:^8}] [{:*^9}] [{:+}] [{:08.3}] [{:#010b}] [{:#x}] [{:e}]", 42, "ab", 'c', "mid", 7, -3.14159, 37, 255, 1234.5);
    for x in [0.1, 1e21, 1e-7, f64::MAX, f64::MIN_POSITIVE, 5e-324, 123456789.125, -0.0, f64::NAN, f64::INFINITY, 1.0 / 3.0] {
        println!("{x} {x:?} {x:e} {:.2}", if x < 1e9 { x } else { 0.0 });
    }
    println!("{} {:?} {}", f32::MAX, 0.1f32, 16777217f32);
    for text in ["42", "-7", "99999999999", "", "0x10", "3.5"] {
        println!("{text:?}: {:?} {:?} {:?}", text.parse::<i32>(), text.parse::<f64>(), u64::from_str(text).ok());
    }
    println!("{:?} {:?}", i64::from_str_radix("-zz", 36), u8::from_str_radix("101", 2));

    let text = "Größe: 12 µm — “naïve” 日本語 🦀 ﬁn";
    println!("{} bytes, {} characters", text.len(), text.chars().count());
    println!("{} | {}", text.to_uppercase(), text.to_lowercase());
    println!("{}", text.chars().rev().collect::<String>());
    println!("{:?}", text.char_indices().filter(|(_, c)| !c.is_ascii()).map(|(i, c)| (i, c as u32)).collect::<Vec<_>>());
    println!("{:?}", text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric())).collect::<Vec<_>>());
    println!("{:?}", "a=1;b=2;;c".split(';').map(|p| p.split_once('=')).collect::<Vec<_>>());
    println!("{}", "one two three two".replace("two", "2").replacen('e', "E", 2));
    println!("{:?} {:?}", "needle in a haystack with a needle".rfind("needle"), "abcabc".matches("bc").count());
    println!("{:?}", String::from_utf8_lossy(b"ok \xff\xfe bad \xe2\x82"));
    println!("{:?}", std::str::from_utf8(b"\xe2\x28\xa1"));

    for source in [r#"{"a": [1, 2.5, -3e2, true, null], "b": {"c": "text"}, "d": false}"#, "[1, 2", r#"{"a" 1}"#, "[1e5x]"] {
        let mut parser = Parser { text: source.as_bytes(), at: 0 };
        match parser.value() {
            Ok(value) => println!("{value:?}"),
            Err(error) => println!("error: {error}"),
        }
    }
    let mut rot13: String = "The Quick Brown Fox"
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' => (b - b'a' + 13) % 26 + b'a',
            b'A'..=b'Z' => (b - b'A' + 13) % 26 + b'A',
            _ => b,
        } as char)
        .collect();
    rot13.insert_str(3, "::");
    println!("{rot13} {}", rot13.repeat(2));
}
