//! Deciding ties: figures that a threshold meets exactly come out exactly.
//!
//! Prices are decimals and arrive as the nearest doubles, so a figure such as "2 % more than before" is off by what that
//! rounding leaves, and a comparison with 2 would be decided by it. Where a round number lies within what rounding can explain,
//! the figure is that number. Everything else keeps its bits.
//!
//! Hardly any value is near a round number, so batches only look whether one is, and settle those few bar by bar.

use crate::simd::ties::{Rounding, any_near};

/// Values that are looked at together.
pub(super) const CHUNK: usize = 8;

/// 2^-52, the distance of neighbouring doubles around 1: what the rounding of two inputs can amount to, relative.
pub(super) const ULP: f64 = f64::EPSILON;

/// Adding and subtracting it rounds to whole numbers (below 2^51 in magnitude), without a library call.
const WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;

/// The same for multiples of 2^-10 (below 2^41).
const NOTCHES: f64 = WHOLE / 1024.0;

/// Multiples of 2^-10, the halves and quarters of usual thresholds among them. Near is what is less than 2^-25 away: no value is
/// moved further than that.
pub(super) const NOTCH: Rounding =
    Rounding { factor: 1.0, shift: WHOLE / (1_u64 << 24) as f64, mask: (1 << 14) - 1 };

/// Decimals with nine places. Near is what is less than 2^-8 of the last place away.
pub(super) const DECIMAL: Rounding = Rounding { factor: DECIMALS, shift: WHOLE / 128.0, mask: (1 << 7) - 1 };

const DECIMALS: f64 = 1e9;

/// The nearest multiple of 1/1024 if `value`, known to `blur(that multiple)`, cannot be told from it.
#[inline(always)]
pub(super) fn settle_notch(value: f64, blur: impl Fn(f64) -> f64) -> f64 {
    let round = (value + NOTCHES) - NOTCHES;
    let is_tie = NOTCH.is_near(value) && (value - round).abs() <= blur(round);
    if is_tie { round } else { value }
}

/// The double nearest to a decimal with nine places, other than zero, if `value`, known to `blur`, cannot be told from it.
#[inline(always)]
pub(super) fn settle_decimal(value: f64, blur: f64) -> f64 {
    let count = (value * DECIMALS + WHOLE) - WHOLE;
    let round = count / DECIMALS;
    let is_tie = DECIMAL.is_near(value) && count != 0.0 && (value - round).abs() <= blur;
    if is_tie { round } else { value }
}

/// Whether any of many values is near a round number.
#[inline(always)]
pub(super) fn any_tie(values: &[f64], rounding: Rounding) -> bool {
    let (chunks, rest) = values.as_chunks::<CHUNK>();
    let found = chunks.iter().fold(false, |found, chunk| found | any_near(chunk, rounding));
    found | rest.iter().any(|value| rounding.is_near(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settles_only_within_the_blur() {
        let settled = |value| settle_notch(value, |_| ULP);
        assert_eq!([1.0 + ULP, 1.0 + 2.0 * ULP].map(settled), [1.0, 1.0 + 2.0 * ULP]);
        assert_eq!([0.1 + 0.2, -7.1 + 1e-12].map(|v| settle_decimal(v, 1e-15)), [0.3, -7.1 + 1e-12]);
        assert_eq!(settle_decimal(1e-15, 1.0), 1e-15);
    }

    #[test]
    fn moves_nothing_far_and_nothing_that_is_not_finite() {
        assert_eq!(settle_notch(0.25 + 1e-6, |_| 1.0), 0.25 + 1e-6);
        for value in [f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!([settle_notch(value, |_| 1.0), settle_decimal(value, 1.0)], [value; 2]);
        }
        assert!(settle_notch(f64::NAN, |_| 1.0).is_nan() && settle_decimal(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn sees_one_near_value_among_others() {
        let mut values = [0.3; 21];
        for at in [3, 20] {
            assert!(!any_tie(&values, NOTCH));
            values[at] = 0.25 + 1e-8;
            assert!(any_tie(&values, NOTCH));
            values[at] = 0.3;
        }
    }
}
