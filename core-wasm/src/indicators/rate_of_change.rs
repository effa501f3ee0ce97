use super::Indicator;
use super::stretch::skip_undefined;
use super::ties::{CHUNK, ULP, any_near, settle_decimal};
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Bars whose changes are computed before any is settled: what was just stored is slow to load in pairs.
const BATCH: usize = 256;

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
        for ((out, x), before) in out.chunks_mut(BATCH).zip(x.chunks(BATCH)).zip(before.chunks(BATCH)) {
            percents(x, before, out);
        }
    }
}

fn percents(x: &[f64], before: &[f64], out: &mut [f64]) {
    for ((value, x), before) in out.iter_mut().zip(x).zip(before) {
        *value = change(*x, *before);
    }
    let (chunks, rest) = out.as_chunks_mut::<CHUNK>();
    for values in chunks.iter_mut().filter(|values| any_near(values)) {
        settle_each(values);
    }
    settle_each(rest);
}

#[inline(always)]
fn change(x: f64, before: f64) -> f64 {
    (x - before) * 100.0 / before
}

#[inline(never)]
fn settle_each(changes: &mut [f64]) {
    for change in changes {
        *change = settle(*change);
    }
}

/// The two values are doubles next to decimals, each off by half an ulp: `100 * x / before` by one ulp. The three operations on
/// the change add one and a half of its ulps at most.
#[inline(always)]
fn settle(change: f64) -> f64 {
    settle_decimal(change, ULP * (100.0 + 3.0 * change.abs()))
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
