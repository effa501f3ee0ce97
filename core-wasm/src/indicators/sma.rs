use super::Indicator;
use super::rolling::{Rolling, Window};
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Simple moving average: the mean of the last `period` values.
///
/// Formula: `out[i] = (x[i-period+1] + … + x[i]) / period`, summed as differences from a value of the window: a flat window
/// returns its value exactly.
/// Units: those of `x`. Lookback: `period - 1`. NaN: the windows that contain it. Cost: O(1) per bar, memory O(period).
pub struct Sma(Rolling<Mean>);

struct Mean {
    divisor: f64,
}

impl Window for Mean {
    type Part = f64;
    const EMPTY: f64 = 0.0;
    const CENTERED: bool = true;

    #[inline(always)]
    fn append(sum: f64, y: f64) -> f64 {
        sum + y
    }

    #[inline(always)]
    fn prepend(y: f64, sum: f64) -> f64 {
        sum + y
    }

    #[inline(always)]
    fn value(&self, older: f64, newer: f64, _y: f64, center: f64) -> f64 {
        center + (older + newer) / self.divisor
    }
}

impl Sma {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        Ok(Self(Rolling::new(period, Mean { divisor: period as f64 })?))
    }
}

impl Indicator<1> for Sma {
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
    fn averages_the_last_values() {
        let out = series(Sma::new(2).unwrap(), [&[1.0, 2.0, 3.0, 4.0]]);
        assert!(out[0].is_nan());
        assert_eq!(out[1..], [1.5, 2.5, 3.5]);
    }

    #[test]
    fn refuses_a_period_of_zero() {
        assert_eq!(Sma::new(0).err(), Some(KernelError::PeriodZero));
    }
}
