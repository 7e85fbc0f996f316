//! Runs a function over many items on all cores, with results in the order of the items.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `work` for each of the indices in `order` (a permutation of `0..order.len()`, the order in which work is
/// handed out) and gives the results by index. Each thread has a state of its own, made by `init`.
pub(crate) fn map<S, T: Send>(
    order: &[usize],
    threads: Option<usize>,
    init: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads
        .unwrap_or_else(available)
        .clamp(1, order.len().max(1));
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::with_capacity(order.len()));
    let run = || {
        let mut state = init();
        let mut mine = Vec::new();
        while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            mine.push((index, work(&mut state, index)));
        }
        all.lock()
            .expect("no thread panics while it holds the results")
            .append(&mut mine);
    };
    if threads == 1 {
        run();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(run);
            }
        });
    }
    let mut all = all.into_inner().expect("every thread has finished");
    all.sort_unstable_by_key(|&(index, _)| index);
    all.into_iter().map(|(_, result)| result).collect()
}
