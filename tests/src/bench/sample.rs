//! Percentiles and medians of measurements.

use std::time::Duration;

/// A collection of times, in microseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample(Vec<f64>);

impl Sample {
    pub(super) fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e6);
    }

    pub(super) fn add_nanos(&mut self, nanos: u64) {
        self.add(Duration::from_nanos(nanos));
    }

    /// The value below which `percent` of all lie; 0 when there is none.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = sorted.len() * percent / 100;
        sorted
            .get(at.min(sorted.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0.0)
    }
}

/// The middle one; 0 when there is none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_medians() {
        let mut sample = Sample::default();
        assert!(sample.percentile(50).abs() < f64::EPSILON);
        for micros in (1..=100).rev() {
            sample.add(Duration::from_micros(micros));
        }
        assert!((sample.percentile(50) - 51.0).abs() < 1e-9);
        assert!((sample.percentile(99) - 100.0).abs() < 1e-9);
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(&[]).abs() < f64::EPSILON);
    }
}
