//! Order statistics of runs.

use serde::Serialize;

/// A sample, summarized. The unit is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Half of the runs are below.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The first and the third quartile: half of the runs lie between them.
    pub quartiles: [f64; 2],
    /// The greatest.
    pub max: f64,
}

impl Summary {
    /// Summarizes a sample that is not empty.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |fraction: f64| {
            let position = fraction * (values.len() - 1) as f64;
            let (low, high) = (position.floor() as usize, position.ceil() as usize);
            values[low] + (values[high] - values[low]) * position.fract()
        };
        Summary {
            median: at(0.5),
            min: at(0.0),
            quartiles: [at(0.25), at(0.75)],
            max: at(1.0),
        }
    }
}

impl Summary {
    /// Half of the distance between the quartiles, as a part of the median.
    pub fn spread(&self) -> f64 {
        (self.quartiles[1] - self.quartiles[0]) / 2.0 / self.median
    }
}

/// The geometric mean, if there is any number.
pub fn geomean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0u32);
    for value in values {
        sum += value.ln();
        count += 1;
    }
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometric_mean() {
        assert_eq!(geomean([]), None);
        assert!((geomean([0.5, 2.0, 8.0]).unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn quartiles_interpolate() {
        let summary = Summary::of([4.0, 1.0, 3.0, 2.0]);
        assert_eq!(summary.median, 2.5);
        assert_eq!(summary.quartiles, [1.75, 3.25]);
        assert_eq!((summary.min, summary.max), (1.0, 4.0));
        assert_eq!(Summary::of([7.0]).quartiles, [7.0, 7.0]);
    }
}
