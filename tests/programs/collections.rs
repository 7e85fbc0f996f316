// Collections, iterators, closures, traits, sorting and reference counting in Rust.
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::rc::{Rc, Weak};

struct Xorshift(u64);

impl Iterator for Xorshift {
    type Item = u64;
    fn next(&mut self) -> Option<u64> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Some(self.0)
    }
}

trait Shape {
    fn area(&self) -> f64;
    fn name(&self) -> String {
        "shape".to_string()
    }
}
struct Square(f64);
struct Circle(f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
    fn name(&self) -> String {
        format!("square of {}", self.0)
    }
}
impl Shape for Circle {
    fn area(&self) -> f64 {
        self.0 * self.0 * 3.0
    }
}

#[derive(Debug)]
struct Node {
    value: i32,
    parent: RefCell<Weak<Node>>,
    children: RefCell<Vec<Rc<Node>>>,
}

fn dijkstra(edges: &BTreeMap<u32, Vec<(u32, u64)>>, from: u32) -> BTreeMap<u32, u64> {
    let mut distances = BTreeMap::new();
    let mut heap = BinaryHeap::from([(std::cmp::Reverse(0), from)]);
    while let Some((std::cmp::Reverse(distance), node)) = heap.pop() {
        if distances.contains_key(&node) {
            continue;
        }
        distances.insert(node, distance);
        for &(next, weight) in edges.get(&node).into_iter().flatten() {
            heap.push((std::cmp::Reverse(distance + weight), next));
        }
    }
    distances
}

fn main() {
    let numbers: Vec<u64> = Xorshift(42).take(50_000).collect();
    let mut sorted = numbers.clone();
    sorted.sort();
    let mut unstable = numbers.clone();
    unstable.sort_unstable_by_key(|n| std::cmp::Reverse(*n));
    unstable.reverse();
    println!("{} {:#x} {:#x}", sorted == unstable, sorted[0], sorted[25_000]);
    println!("{:?}", sorted.binary_search(&numbers[7]).is_ok());

    let mut counts: HashMap<u64, usize> = HashMap::new();
    for n in &numbers {
        *counts.entry(n % 97).or_default() += 1;
    }
    let mut most: Vec<_> = counts.into_iter().collect();
    most.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    println!("{:?}", &most[..5]);
    let a: HashSet<u64> = numbers.iter().map(|n| n % 100).filter(|n| n % 3 == 0).collect();
    let b: HashSet<u64> = numbers.iter().map(|n| n % 100).filter(|n| n % 5 == 0).collect();
    println!("{:?}", a.intersection(&b).copied().collect::<BTreeSet<_>>());

    let mut edges: BTreeMap<u32, Vec<(u32, u64)>> = BTreeMap::new();
    for chunk in numbers.chunks(3).take(4000) {
        edges.entry((chunk[0] % 500) as u32).or_default().push(((chunk[1] % 500) as u32, chunk[2] % 1000));
    }
    let distances = dijkstra(&edges, 0);
    println!("{} reachable, sum {}, farthest {:?}", distances.len(), distances.values().sum::<u64>(), distances.iter().max_by_key(|d| d.1));
    println!("{:?}", distances.range(10..15).collect::<Vec<_>>());

    let mut deque: VecDeque<u32> = (0..10).collect();
    deque.rotate_left(3);
    deque.push_front(100);
    let list: LinkedList<u32> = deque.iter().rev().copied().collect();
    println!("{deque:?} {list:?}");

    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Square(2.5)), Box::new(Circle(1.5)), Box::new(Square(0.1))];
    for shape in &shapes {
        println!("{}: {:.3}", shape.name(), shape.area());
    }
    let compose = |f: Box<dyn Fn(i64) -> i64>, g: Box<dyn Fn(i64) -> i64>| move |x| g(f(x));
    println!("{}", compose(Box::new(|x| x + 1), Box::new(|x| x * x))(6));

    let leaf = Rc::new(Node { value: 3, parent: RefCell::default(), children: RefCell::default() });
    let branch = Rc::new(Node { value: 5, parent: RefCell::default(), children: RefCell::new(vec![leaf.clone()]) });
    *leaf.parent.borrow_mut() = Rc::downgrade(&branch);
    println!("{:?} {} {}", leaf.parent.borrow().upgrade().map(|p| p.value), Rc::strong_count(&leaf), Rc::weak_count(&branch));
    println!("{}", branch.children.borrow().iter().map(|c| c.value).sum::<i32>());
    drop(branch);
    println!("{:?}", leaf.parent.borrow().upgrade().map(|p| p.value));
}
