use super::Indicator;
use super::moments::{Figure, Moments};
use super::rolling::Rolling;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Distance of a value from the mean of the last `period` values, in standard deviations.
///
/// Formula: `(x[i] - mean) / std`, both over `x[i-period+1..=i]`, population deviation. NaN where the window is flat.
/// Units: standard deviations. Lookback: `period - 1`. NaN: the windows that contain it. Cost: O(1) per bar, memory O(period).
pub struct ZScore(Rolling<Moments<Score>>);

struct Score;

impl Figure for Score {
    #[inline(always)]
    fn of(deviation: f64, std: f64) -> f64 {
        if std > 0.0 { deviation / std } else { f64::NAN }
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
