use super::Indicator;
use super::smoothing::Smoothing;
use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Wilder's smoothing, also called RMA or SMMA: an exponential average with the weight `1 / period`.
///
/// Formula: `w[i] = w[i-1] + (x[i] - w[i-1]) / period`, seeded by the mean of the first `period` values
/// (J. Welles Wilder, New Concepts in Technical Trading Systems, 1978). A flat series returns its value exactly.
/// Units: those of `x`. Lookback: `period - 1`. NaN: propagates to every later value; with `period == 1` the average is `x` itself.
/// Cost: O(1) per bar, no allocation.
pub struct Wilder {
    period: usize,
    smoothing: Smoothing,
}

impl Wilder {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        Ok(Self { period, smoothing: Smoothing::new(period, 1.0 / period as f64)? })
    }
}

impl Indicator<1> for Wilder {
    fn history(&self) -> usize {
        0
    }

    fn lookback(&self) -> usize {
        self.period - 1
    }

    fn settling(&self, weight: f64) -> usize {
        self.smoothing.settling(weight)
    }

    fn extend(&mut self, [x]: [View<'_>; 1], bars: Range<usize>, out: &mut [f64]) {
        let (bars, out) = skip_undefined(x.first(), bars, out);
        self.smoothing.extend(x.slice(bars), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::testing::series;

    #[test]
    fn starts_with_the_mean_and_then_moves_by_one_nth() {
        let out = series(Wilder::new(2).unwrap(), [&[1.0, 3.0, 4.0, 1.0]]);
        assert!(out[0].is_nan());
        assert_eq!(out[1..], [2.0, 3.0, 2.0]);
    }
}
