use super::Indicator;
use super::rolling::{Rolling, Window};
use super::stretch::{max_propagate_nan, min_propagate_nan};
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Highest of the last `period` values, the current one included.
///
/// Formula: `max(x[i-period+1], …, x[i])`.
/// Units: those of `x`. Lookback: `period - 1`. NaN: the windows that contain it. Cost: O(1) per bar, memory O(period).
pub struct Highest(Rolling<Maximum>);

/// Lowest of the last `period` values, the current one included.
///
/// Formula: `min(x[i-period+1], …, x[i])`.
/// Units: those of `x`. Lookback: `period - 1`. NaN: the windows that contain it. Cost: O(1) per bar, memory O(period).
pub struct Lowest(Rolling<Minimum>);

struct Maximum;

impl Window for Maximum {
    type Part = f64;
    const EMPTY: f64 = f64::NEG_INFINITY;
    const CENTERED: bool = false;

    #[inline(always)]
    fn append(part: f64, y: f64) -> f64 {
        max_propagate_nan(y, part)
    }

    #[inline(always)]
    fn prepend(y: f64, part: f64) -> f64 {
        max_propagate_nan(y, part)
    }

    #[inline(always)]
    fn value(&self, older: f64, newer: f64, _y: f64, _center: f64) -> f64 {
        max_propagate_nan(older, newer)
    }
}

struct Minimum;

impl Window for Minimum {
    type Part = f64;
    const EMPTY: f64 = f64::INFINITY;
    const CENTERED: bool = false;

    #[inline(always)]
    fn append(part: f64, y: f64) -> f64 {
        min_propagate_nan(y, part)
    }

    #[inline(always)]
    fn prepend(y: f64, part: f64) -> f64 {
        min_propagate_nan(y, part)
    }

    #[inline(always)]
    fn value(&self, older: f64, newer: f64, _y: f64, _center: f64) -> f64 {
        min_propagate_nan(older, newer)
    }
}

impl Highest {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        Ok(Self(Rolling::new(period, Maximum)?))
    }
}

impl Lowest {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        Ok(Self(Rolling::new(period, Minimum)?))
    }
}

impl Indicator<1> for Highest {
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

impl Indicator<1> for Lowest {
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

    const X: [f64; 6] = [2.0, -1.0, 4.0, 3.0, 0.0, 5.0];

    #[test]
    fn include_the_current_bar() {
        assert_eq!(series(Highest::new(3).unwrap(), [&X])[2..], [4.0, 4.0, 4.0, 5.0]);
        assert_eq!(series(Lowest::new(3).unwrap(), [&X])[2..], [-1.0, -1.0, 0.0, 0.0]);
    }
}
