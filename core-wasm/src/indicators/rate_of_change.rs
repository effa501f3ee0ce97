use super::Indicator;
use super::stretch::skip_undefined;
use super::ties::{CHUNK, DECIMAL, ULP, settle_decimal};
use crate::columns::View;
use crate::error::KernelError;
use crate::simd::ties::any_near;
use std::ops::Range;

/// Change against the value `period` bars ago, in percent.
///
/// Formula: `(x[i] - x[i-period]) * 100 / x[i-period]`. A decimal with up to nine places that the result cannot be told from, given
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
        percents(x.slice(bars), before, out);
    }
}

fn percents(x: &[f64], before: &[f64], out: &mut [f64]) {
    let (chunks, rest) = out.as_chunks_mut::<CHUNK>();
    let whole = chunks.len() * CHUNK;
    let pairs = x.as_chunks::<CHUNK>().0.iter().zip(before.as_chunks::<CHUNK>().0);
    for (values, (x, before)) in chunks.iter_mut().zip(pairs) {
        let changes = std::array::from_fn(|j| change(x[j], before[j]));
        *values = if any_near(&changes, DECIMAL) { settled(&changes) } else { changes };
    }
    for ((value, x), before) in rest.iter_mut().zip(&x[whole..]).zip(&before[whole..]) {
        *value = settle(change(*x, *before));
    }
}

#[inline(always)]
fn change(x: f64, before: f64) -> f64 {
    (x - before) * 100.0 / before
}

#[inline(never)]
fn settled(changes: &[f64; CHUNK]) -> [f64; CHUNK] {
    changes.map(settle)
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
