use super::Indicator;
use super::moments::{Figure, Moments};
use super::rolling::Rolling;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Population standard deviation of the last `period` values.
///
/// Formula: `sqrt(((x[i-n+1] - mean)² + … + (x[i] - mean)²) / n)` with `n = period`, divisor n as in Bollinger's bands.
/// A flat window gives exactly 0.
/// Units: those of `x`. Lookback: `period - 1`. NaN: the windows that contain it. Cost: O(1) per bar, memory O(period).
pub struct StdDev(Rolling<Moments<Deviation>>);

struct Deviation;

impl Figure for Deviation {
    #[inline(always)]
    fn of(_deviation: f64, std: f64) -> f64 {
        std
    }
}

impl StdDev {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        Ok(Self(Rolling::new(period, Moments::new(period))?))
    }
}

impl Indicator<1> for StdDev {
    fn history(&self) -> usize {
        self.0.history()
    }

    fn lookback(&self) -> usize {
        self.0.lookback()
    }

    fn extend(&mut self, [x]: [View<'_>; 1], bars: Range<usize>, out: &mut [f64]) {
        self.0.extend(x, bars, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::testing::series;

    #[test]
    fn divides_by_n() {
        let out = series(StdDev::new(2).unwrap(), [&[1.0, 3.0, 3.0, 9.0]]);
        assert!(out[0].is_nan());
        assert_eq!(out[1..], [1.0, 0.0, 3.0]);
    }

    #[test]
    fn is_exactly_zero_in_a_flat_window_of_a_series_that_moved_before() {
        let mut x = vec![1e9, 0.3, 7.7, 0.1];
        x.resize(20, 0.1);
        assert!(series(StdDev::new(5).unwrap(), [&x])[7..].iter().all(|v| *v == 0.0));
    }
}
