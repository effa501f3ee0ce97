use super::Indicator;
use super::stretch::skip_undefined;
use super::ties::{ULP, any_near, settle_decimal};
use crate::columns::View;
use crate::error::KernelError;
use crate::simd::lanes::Lanes;
use std::ops::Range;

/// Where the pairs of eight values begin.
const PAIRS: [usize; 4] = [0, 2, 4, 6];

/// Change against the value `period` bars ago, in percent.
///
/// Formula: `(x[i] - x[i-period]) * 100 / x[i-period]`. A decimal with up to seven places that the result cannot be told from, given
/// the rounding of the two values, is the result: 0.51 is exactly 2 % above 0.5. It is zero only between equal values.
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
        let x = x.slice(bars);
        percents(x, before, out);
    }
}

fn percents(x: &[f64], before: &[f64], out: &mut [f64]) {
    let (groups, rest) = out.as_chunks_mut::<8>();
    let ((x, x_rest), (before, before_rest)) = (x.as_chunks::<8>(), before.as_chunks::<8>());
    for ((values, x), before) in groups.iter_mut().zip(x).zip(before) {
        let changes = PAIRS.map(|i| change(Lanes::load(x, i), Lanes::load(before, i)));
        for (changes, i) in changes.into_iter().zip(PAIRS) {
            changes.store(values, i);
        }
        if any_near(changes) {
            settle_all(values);
        }
    }
    for ((value, x), before) in rest.iter_mut().zip(x_rest).zip(before_rest) {
        *value = settle(change(Lanes::splat(*x), Lanes::splat(*before))).first();
    }
}

#[inline(never)]
fn settle_all(changes: &mut [f64; 8]) {
    for i in PAIRS {
        settle(Lanes::load(changes, i)).store(changes, i);
    }
}

#[inline(always)]
fn change(x: Lanes, before: Lanes) -> Lanes {
    (x - before) * Lanes::splat(100.0) / before
}

/// The two values are doubles next to decimals, each off by half an ulp: `100 * x / before` by one ulp. The three operations on
/// the change add one and a half of its ulps at most.
#[inline(always)]
fn settle(change: Lanes) -> Lanes {
    let blur = Lanes::splat(ULP) * (Lanes::splat(100.0) + Lanes::splat(3.0) * change.abs());
    settle_decimal(change, blur)
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
