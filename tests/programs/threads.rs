//! Threads of Rust's standard library: a mutex, a channel, scoped threads, thread locals, a barrier, and an `Arc` that the
//! last of them drops.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, mpsc};
use std::thread;

thread_local! {
    static OWN: Cell<u64> = const { Cell::new(1) };
}

struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn main() {
    let total = Arc::new(Mutex::new(0u64));
    let drops = Arc::new(AtomicUsize::new(0));
    let shared = Arc::new(Dropped(Arc::clone(&drops)));
    let barrier = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8u64)
        .map(|n| {
            let (total, shared, barrier) = (total.clone(), shared.clone(), barrier.clone());
            thread::spawn(move || {
                barrier.wait();
                for i in 0..1000 {
                    *total.lock().unwrap() += n * i;
                    OWN.set(OWN.get() + n);
                }
                drop(shared);
                OWN.get()
            })
        })
        .collect();
    drop(shared);
    let own: Vec<u64> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    println!("{} {own:?} {} {}", total.lock().unwrap(), OWN.get(), drops.load(Ordering::SeqCst));

    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for n in 0..4u64 {
            let sender = sender.clone();
            scope.spawn(move || (0..500).for_each(|i| sender.send(n * i).unwrap()));
        }
    });
    drop(sender);
    let received: Vec<u64> = receiver.iter().collect();
    println!("{} {}", received.len(), received.iter().sum::<u64>());

    // Words of a text, sorted in pieces and merged.
    let text = include_str!("data/fox.txt").repeat(200);
    let words: Vec<&str> = text.split_whitespace().collect();
    let (turn, next) = (Mutex::new(0), Condvar::new());
    let pieces = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for (n, piece) in words.chunks(words.len().div_ceil(5)).enumerate() {
            let (turn, next, pieces) = (&turn, &next, &pieces);
            scope.spawn(move || {
                let mut piece = piece.to_vec();
                piece.sort_unstable();
                // In order, whoever is ready first.
                let mut now = next.wait_while(turn.lock().unwrap(), |now| *now != n).unwrap();
                pieces.lock().unwrap().push((n, piece));
                *now += 1;
                next.notify_all();
            });
        }
    });
    let pieces = pieces.into_inner().unwrap();
    let order: Vec<usize> = pieces.iter().map(|(n, _)| *n).collect();
    let mut sorted: Vec<&str> = pieces.into_iter().flat_map(|(_, piece)| piece).collect();
    sorted.sort();
    sorted.dedup();
    println!("{order:?} {} {:?} {:?}", words.len(), sorted.first(), sorted.last());
}
