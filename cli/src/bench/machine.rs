//! Where a measurement was made.

use std::fs;

use serde::Serialize;

/// What a reader needs to judge the numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    /// The load average of the last minute before the measurement: other work disturbs it.
    load: String,
    /// The day of the measurement, in UTC.
    date: String,
}

impl Machine {
    /// This machine, now.
    pub fn this() -> Self {
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
            date: today(),
        }
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let Machine {
            processor,
            cores,
            kernel,
            load,
            date,
        } = self;
        format!("{date}: {processor}, {cores} cores, Linux {kernel}, load {load}")
    }
}

/// The day in UTC, as YYYY-MM-DD.
fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    date((now.map_or(0, |now| now.as_secs()) / 86_400).cast_signed())
}

/// The date of a day counted from 1970-01-01: years begin in March, so that a leap day ends one (H. Hinnant's method).
fn date(day: i64) -> String {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{of_month:02}")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(11_017), "2000-03-01");
        assert_eq!(date(20_454), "2026-01-01");
    }
}
