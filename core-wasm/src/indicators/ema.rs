use super::Indicator;
use super::smoothing::Smoothing;
use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Exponential moving average with the span `period`.
///
/// Formula: `e[i] = e[i-1] + k * (x[i] - e[i-1])`, `k = 2 / (period + 1)`, seeded by the mean of the first `period` values
/// (TA-Lib). A flat series returns its value exactly.
/// Units: those of `x`. Lookback: `period - 1`. NaN: propagates to every later value; with `period == 1` the average is `x` itself.
/// Cost: O(1) per bar, no allocation.
pub struct Ema {
    period: usize,
    smoothing: Smoothing,
}

impl Ema {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        let k = 2.0 / (period as f64 + 1.0);
        Ok(Self { period, smoothing: Smoothing::new(period, k)? })
    }
}

impl Indicator<1> for Ema {
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
    fn starts_with_the_mean_and_then_moves_by_k() {
        let out = series(Ema::new(3).unwrap(), [&[1.0, 2.0, 3.0, 6.0, 4.0]]);
        assert!(out[0].is_nan() && out[1].is_nan());
        assert_eq!(out[2..], [2.0, 4.0, 4.0]);
    }

    #[test]
    fn of_one_bar_is_the_series() {
        assert_eq!(series(Ema::new(1).unwrap(), [&[1e20, 0.1, 7.0]]), [1e20, 0.1, 7.0]);
    }
}
