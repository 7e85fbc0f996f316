//! Where the CPU time goes: by phase for what a thread does itself, in sum for what it starts.

use std::collections::BTreeMap;
use std::time::Duration;

/// CPU time by phase, of one thread or of several.
#[derive(Debug, Default)]
pub(crate) struct Costs(BTreeMap<&'static str, Duration>);

impl Costs {
    /// What `work` gives; what it takes on this thread is `phase`'s.
    pub(crate) fn time<T>(&mut self, phase: &'static str, work: impl FnOnce() -> T) -> T {
        let before = thread();
        let result = work();
        *self.0.entry(phase).or_default() += thread().saturating_sub(before);
        result
    }

    pub(crate) fn add(&mut self, other: Costs) {
        for (phase, time) in other.0 {
            *self.0.entry(phase).or_default() += time;
        }
    }

    /// Milliseconds for each of so many modules; the rest is that of threads which only read and wait.
    pub(crate) fn summary(&self, modules: u64) -> String {
        let [own, children] = process();
        let each = |time: Duration| time.as_secs_f64() * 1e3 / modules.max(1) as f64;
        let mut text = format!("CPU {:.2} ms a module:", each(own + children));
        for (phase, &time) in &self.0 {
            text += &format!(" {phase} {:.2},", each(time));
        }
        let rest = own.saturating_sub(self.0.values().sum());
        text + &format!(" rest {:.2}, processes {:.2}", each(rest), each(children))
    }
}

/// The CPU time of this thread so far; zero where the kernel does not tell.
fn thread() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next();
    Duration::from_nanos(first.and_then(|ns| ns.parse().ok()).unwrap_or(0))
}

/// That of all threads, and of all processes that have ended.
fn process() -> [Duration; 2] {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in parentheses, may have spaces; the time is fields 14 to 17, the name is the second.
    let fields = text.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<u64> = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    // (Of 10 ms on every Linux.)
    let time = |ticks: &[u64]| Duration::from_millis(10 * ticks.iter().sum::<u64>());
    match ticks.as_slice() {
        [own @ .., _, _] if own.len() == 2 => [time(own), time(&ticks[2..])],
        _ => [Duration::ZERO; 2],
    }
}
