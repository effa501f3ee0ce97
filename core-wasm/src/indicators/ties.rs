//! Deciding ties: figures that a threshold meets exactly come out exactly.
//!
//! Prices are decimals and arrive as the nearest doubles, so a figure such as "2 % more than before" is off by what that
//! rounding leaves, and a comparison with 2 would be decided by it. Where a round number lies within what rounding can explain,
//! the figure is that number. Everything else keeps its bits.
//!
//! Hardly any value is near a round number, so batches only look whether one is, and settle those few bar by bar.

use crate::simd::lanes::Lanes;

/// 2^-52, the distance of neighbouring doubles around 1: what the rounding of two inputs can amount to, relative.
pub(super) const ULP: f64 = f64::EPSILON;

/// Adding and subtracting it rounds to whole numbers (below 2^51 in magnitude), without a library call.
const WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;

const DECIMALS: f64 = 1e7;

/// Added to a count of the seventh place it leaves the position between two whole numbers in the low 16 bits.
const POSITION: f64 = WHOLE / 65_536.0;

/// Whether one of the values, rounded to 2^-16 of the seventh place, is a decimal with seven places other than zero. NaN may be.
#[inline(always)]
pub(super) fn any_near(values: [Lanes; 4]) -> bool {
    let zero = Lanes::splat(POSITION);
    let positions = values.map(position);
    Lanes::any_low_bits_zero(positions.map(|position| position.equal(zero).fill(position)))
}

#[inline(always)]
fn position(value: Lanes) -> Lanes {
    value * Lanes::splat(DECIMALS) + Lanes::splat(POSITION)
}

/// The double nearest to a decimal with seven places, other than zero, if `value`, known to `blur`, cannot be told from it.
#[inline(always)]
pub(super) fn settle_decimal(value: Lanes, blur: Lanes) -> Lanes {
    let (whole, decimals) = (Lanes::splat(WHOLE), Lanes::splat(DECIMALS));
    let count = (value * decimals + whole) - whole;
    let round = count / decimals;
    let is_near = position(value).low_bits_zero();
    let is_tie = is_near & count.not_equal(Lanes::splat(0.0)) & (value - round).abs().at_most(blur);
    is_tie.select(round, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(value: f64, blur: f64) -> f64 {
        settle_decimal(Lanes::splat(value), Lanes::splat(blur)).first()
    }

    #[test]
    fn settles_only_within_the_blur() {
        let settled = [0.1 + 0.2, -7.1 + 1e-12].map(|v| settle(v, 1e-15));
        assert_eq!(settled, [0.3, -7.1 + 1e-12]);
        assert_eq!(settle(1e-15, 1.0), 1e-15);
    }

    #[test]
    fn moves_nothing_far_and_nothing_that_is_not_finite() {
        assert_eq!(settle(0.25 + 1e-10, 1.0), 0.25 + 1e-10);
        for value in [f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(settle(value, 1.0), value);
        }
        assert!(settle(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn sees_one_near_value_other_than_zero_among_others() {
        let among = |value: f64| {
            let mut values = [1.0 / 3.0; 8];
            values[5] = value;
            any_near([0, 2, 4, 6].map(|i| Lanes::load(&values, i)))
        };
        assert!(among(-0.25 + 1e-13) && among(1e-7));
        assert!(!among(1.0 / 3.0) && !among(0.0) && !among(-0.0) && !among(1e-15));
    }
}
