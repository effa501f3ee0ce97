use super::Indicator;
use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Change against the value `period` bars ago, in percent.
///
/// Formula: `(x[i] / x[i-period] - 1) * 100`.
/// Units: percent. Lookback: `period`. NaN: where either value is NaN; a division by zero gives an infinity, 0 / 0 NaN.
/// Cost: O(1) per bar, no allocation.
pub struct RateOfChange {
    period: usize,
}

impl RateOfChange {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        if period == 0 { Err(KernelError::PeriodZero) } else { Ok(Self { period }) }
    }
}

impl Indicator<1> for RateOfChange {
    fn history(&self) -> usize {
        self.period
    }

    fn lookback(&self) -> usize {
        self.period
    }

    fn extend(&mut self, [x]: [View<'_>; 1], bars: Range<usize>, out: &mut [f64]) {
        let (bars, out) = skip_undefined(x.first() + self.period, bars, out);
        if bars.is_empty() {
            return;
        }
        let before = x.slice(bars.start - self.period..bars.end - self.period);
        for ((value, x), before) in out.iter_mut().zip(x.slice(bars)).zip(before) {
            *value = (x / before - 1.0) * 100.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::testing::series;

    #[test]
    fn is_in_percent() {
        let out = series(RateOfChange::new(2).unwrap(), [&[4.0, 1.0, 5.0, 0.5]]);
        assert!(out[0].is_nan() && out[1].is_nan());
        assert_eq!(out[2..], [25.0, -50.0]);
    }
}
