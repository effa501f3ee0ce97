use super::Indicator;
use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// The value `period` bars ago.
///
/// Formula: `x[i-period]`. Units: those of `x`. Lookback: `period`. NaN: moves along. Cost: O(1) per bar, no allocation.
pub struct Lag {
    period: usize,
}

impl Lag {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        if period == 0 { Err(KernelError::PeriodZero) } else { Ok(Self { period }) }
    }
}

impl Indicator<1> for Lag {
    fn history(&self) -> usize {
        self.period
    }

    fn lookback(&self) -> usize {
        self.period
    }

    fn extend(&mut self, [x]: [View<'_>; 1], bars: Range<usize>, out: &mut [f64]) {
        let (bars, out) = skip_undefined(x.first() + self.period, bars, out);
        if !bars.is_empty() {
            out.copy_from_slice(x.slice(bars.start - self.period..bars.end - self.period));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::testing::series;

    #[test]
    fn moves_the_series_to_later_bars() {
        let out = series(Lag::new(2).unwrap(), [&[4.0, 1.0, 5.0, 0.5]]);
        assert!(out[0].is_nan() && out[1].is_nan());
        assert_eq!(out[2..], [4.0, 1.0]);
    }
}
