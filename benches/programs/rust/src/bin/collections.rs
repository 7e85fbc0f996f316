//! The standard library's collections: ordered and hashed maps, strings, heaps, sorting, closures.

use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};

use programs::{Random, done, mix, text, work};

fn main() {
    let text = text(1 << 15);
    let mut random = Random::default();
    let mut sum = 0;
    for round in 0..work(45) {
        // A hasher without a random seed: the same order everywhere.
        let mut counts: HashMap<&str, u64, BuildHasherDefault<DefaultHasher>> = HashMap::default();
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            *counts.entry(word).or_default() += 1;
        }
        let mut sorted: Vec<(&str, u64)> = counts.into_iter().collect();
        sorted.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        sum = mix(sum, sorted.iter().take(20).map(|(word, count)| word.len() as u64 * count).sum());

        let mut tree = BTreeMap::new();
        for _ in 0..10_000 {
            let r = random.next();
            if r % 4 == 0 {
                tree.pop_first();
            } else {
                tree.insert(r % 50_000, r);
            }
        }
        sum = mix(sum, tree.range(1000..20_000).map(|(key, value)| u64::from(key ^ value)).sum());

        let mut heap = BinaryHeap::new();
        let mut queue = VecDeque::new();
        for _ in 0..10_000 {
            heap.push(random.next() % 1_000_000);
            if heap.len() > 500 {
                queue.push_back(heap.pop().unwrap_or_default());
            }
        }
        queue.make_contiguous().sort_by_key(|value| value % 1009);
        sum = mix(sum, queue.iter().step_by(7).map(|&value| u64::from(value)).sum());

        let shouted: String = text.chars().rev().map(|c| c.to_ascii_uppercase()).filter(|c| !c.is_whitespace()).collect();
        sum = mix(sum, shouted.len() as u64 + u64::from(round));
    }
    done(sum);
}
