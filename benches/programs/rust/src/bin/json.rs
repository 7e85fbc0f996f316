//! JSON: makes a document, prints it, parses it, and looks at all of it.

use programs::{Random, done, mix, mix_bytes, work};
use serde_json::{Value, json};

fn document(random: &mut Random) -> Value {
    let people: Vec<Value> = (0..400)
        .map(|id| {
            let r = random.next();
            json!({
                "id": id,
                "name": format!("Person \"{}\" \u{e9}\n", r % 1000),
                "score": f64::from(r % 100_000) / 64.0,
                "active": r % 3 == 0,
                "parent": if r % 5 == 0 { Value::Null } else { json!(r % 400) },
                "tags": (0..r % 7).map(|tag| format!("tag{tag}")).collect::<Vec<_>>(),
                "place": { "x": i64::from(r as i32), "y": r >> 7, "label": "somewhere" },
            })
        })
        .collect();
    json!({ "people": people, "version": [1, 2, 3] })
}

fn sum(value: &Value) -> u64 {
    match value {
        Value::Null => 1,
        Value::Bool(value) => u64::from(*value) + 2,
        Value::Number(number) => number.as_f64().unwrap_or_default().to_bits() >> 20,
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().fold(3, |total, value| mix(total, sum(value))),
        Value::Object(fields) => fields.iter().fold(5, |total, (key, value)| {
            mix(mix_bytes(total, key.as_bytes()), sum(value))
        }),
    }
}

fn main() {
    let mut random = Random::default();
    let mut total = 0;
    for round in 0..work(60) {
        let text = if round % 2 == 0 {
            document(&mut random).to_string()
        } else {
            serde_json::to_string_pretty(&document(&mut random)).unwrap()
        };
        let parsed: Value = serde_json::from_str(&text).unwrap();
        total = mix(mix(total, text.len() as u64), sum(&parsed));
    }
    done(total);
}
