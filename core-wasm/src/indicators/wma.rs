use super::Indicator;
use super::rolling::{Rolling, Window};
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Linearly weighted moving average: the last value weighs `period`, the oldest of the window 1.
///
/// Formula: `(1*x[i-n+1] + 2*x[i-n+2] + … + n*x[i]) / (n * (n + 1) / 2)` with `n = period`. A flat window returns its value exactly.
/// Units: those of `x`. Lookback: `period - 1`. NaN: the windows that contain it. Cost: O(1) per bar, memory O(period).
pub struct Wma(Rolling<WeightedMean>);

struct WeightedMean {
    period: f64,
    divisor: f64,
}

/// The sum of some values, and their weighted sum: older values are weighted by their place (the oldest of the part 1),
/// newer ones by their age (the newest 0).
#[derive(Clone, Copy)]
struct Sums {
    plain: f64,
    weighted: f64,
}

impl Window for WeightedMean {
    type Part = Sums;
    const EMPTY: Sums = Sums { plain: 0.0, weighted: 0.0 };
    const CENTERED: bool = true;

    #[inline(always)]
    fn append(part: Sums, y: f64) -> Sums {
        Sums { plain: part.plain + y, weighted: part.weighted + part.plain }
    }

    #[inline(always)]
    fn prepend(y: f64, part: Sums) -> Sums {
        let plain = part.plain + y;
        Sums { plain, weighted: part.weighted + plain }
    }

    #[inline(always)]
    fn value(&self, older: Sums, newer: Sums, _y: f64, center: f64) -> f64 {
        let recent = self.period * newer.plain - newer.weighted;
        center + (older.weighted + recent) / self.divisor
    }
}

impl Wma {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        let n = period as f64;
        Ok(Self(Rolling::new(period, WeightedMean { period: n, divisor: 0.5 * n * (n + 1.0) })?))
    }
}

impl Indicator<1> for Wma {
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
    fn weighs_the_newest_value_most() {
        let out = series(Wma::new(3).unwrap(), [&[1.0, 2.0, 6.0, 0.0, 6.0]]);
        assert!(out[0].is_nan() && out[1].is_nan());
        assert_eq!(out[2..], [23.0 / 6.0, 14.0 / 6.0, 4.0]);
    }
}
