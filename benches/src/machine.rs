//! Where a measurement was made.

use std::fs;

use serde::Serialize;

/// What a reader needs to judge the numbers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    /// The load average of the last minute before the measurement: other work disturbs it.
    load: String,
}

impl Machine {
    pub(crate) fn this() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
        let load = read("/proc/loadavg");
        Machine {
            processor: model
                .and_then(|line| line.split_once(':'))
                .map_or("unknown", |(_, name)| name.trim())
                .to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
        }
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        let Machine {
            processor,
            cores,
            kernel,
            load,
        } = self;
        format!("{processor}, {cores} cores, Linux {kernel}, load {load}")
    }
}
