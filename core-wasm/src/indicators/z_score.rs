use super::Indicator;
use super::moments::{Figure, Measured, Moments};
use super::rolling::Rolling;
use super::ties::{ULP, settle_notch};
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Distance of a value from the mean of the last `period` values, in standard deviations.
///
/// Formula: `(x[i] - mean) / std`, both over `x[i-period+1..=i]`, population deviation. NaN where the window is flat.
/// A multiple of 1/1024 that the score cannot be told from, given the rounding of the values, is the score: it is 0 where `x` is the
/// mean, and 3 after nine equal values and a jump.
/// Units: standard deviations. Lookback: `period - 1`. NaN: the windows that contain it. Cost: O(1) per bar, memory O(period).
pub struct ZScore(Rolling<Moments<Score>>);

struct Score;

impl Figure for Score {
    #[inline(always)]
    fn of(window: &Measured) -> f64 {
        if window.std > 0.0 { window.deviation / window.std } else { f64::NAN }
    }

    /// Rounding of the values moves the newest one and the mean by half an ulp of their size each, and the divisor as much. Sums of
    /// `n` squares round by `n / 2` ulps at most, and the subtraction magnifies that by `n`.
    fn settled(window: &Measured) -> f64 {
        let Measured { n, std, size, .. } = *window;
        let blur = |score: f64| ULP * n * (2.0 * size * (1.0 + score) / std + n * score);
        settle_notch(Self::of(window), |round| blur(round.abs()))
    }
}

impl ZScore {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        Ok(Self(Rolling::new(period, Moments::new(period))?))
    }
}

impl Indicator<1> for ZScore {
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
    fn counts_deviations_and_is_nan_in_a_flat_window() {
        let out = series(ZScore::new(2).unwrap(), [&[1.0, 3.0, 3.0, 0.1, 0.1]]);
        assert_eq!([out[1], out[3]], [1.0, -1.0]);
        assert!(out[0].is_nan() && out[2].is_nan() && out[4].is_nan());
    }
}
