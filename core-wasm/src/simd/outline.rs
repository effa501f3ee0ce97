//! Coarse copies of columns: the range of every word, and keys of 16 bits that keep the order of the values.

/// A map of values to keys that never reorders two values: `key(x) < key(y)` implies `x < y`.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    low: f64,
    factor: f64,
}

/// Keys of a scale lie in `-STEPS / 2 ..= STEPS / 2`.
const STEPS: f64 = 65_534.0;

/// Added to a small number, its integer part is in the lowest bits of the sum; half the steps make it signed.
const MAGIC: f64 = 6_755_399_441_055_744.0 - STEPS / 2.0;

impl Scale {
    /// The scale of values in `low ..= high`. Where they are equal, or too far apart to divide, all keys are equal.
    pub fn new(low: f64, high: f64) -> Self {
        let factor = STEPS / (high - low);
        Self { low, factor: if factor.is_finite() { factor } else { 0.0 } }
    }

    /// The key of a value inside the scale. Each step (difference, product, rounded sum) keeps the order.
    #[inline(always)]
    pub fn key(&self, value: f64) -> i16 {
        ((value - self.low) * self.factor + MAGIC).to_bits() as i16
    }
}

/// Lowest and highest of 64 values, or None if one is NaN or infinite.
#[inline(always)]
pub fn word_range(values: &[f64; 64]) -> Option<(f64, f64)> {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::word_range(values)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        let mut poison = 0.0;
        for &value in values {
            range.0 = if value < range.0 { value } else { range.0 };
            range.1 = if value > range.1 { value } else { range.1 };
            poison += value * 0.0;
        }
        (!f64::is_nan(poison)).then_some(range)
    }
}

/// Writes the keys of 64 values; those of values outside the scale mean nothing.
#[inline(always)]
pub fn word_keys(values: &[f64; 64], scale: Scale, keys: &mut [i16; 64]) {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::word_keys(values, scale, keys)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        keys.iter_mut().zip(values).for_each(|(key, &value)| *key = scale.key(value));
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use super::{MAGIC, Scale};
    use core::arch::wasm32::*;

    /// Loads lanes `i` and `i + 1`.
    #[inline(always)]
    fn lanes(values: &[f64; 64], i: usize) -> v128 {
        debug_assert!(i + 2 <= 64);
        // SAFETY: callers pass i <= 62, so both lanes lie inside the array.
        unsafe { v128_load(values.as_ptr().add(i).cast::<v128>()) }
    }

    #[inline(always)]
    pub fn word_range(values: &[f64; 64]) -> Option<(f64, f64)> {
        let mut low = f64x2_splat(f64::INFINITY);
        let mut high = f64x2_splat(f64::NEG_INFINITY);
        let mut poison = f64x2_splat(0.0);
        for pair in 0..32 {
            let value = lanes(values, pair * 2);
            low = f64x2_pmin(low, value);
            high = f64x2_pmax(high, value);
            poison = f64x2_add(poison, f64x2_mul(value, f64x2_splat(0.0)));
        }
        let ends = |row| (f64x2_extract_lane::<0>(row), f64x2_extract_lane::<1>(row));
        let (poisons, lows, highs) = (ends(poison), ends(low), ends(high));
        let finite = !(poisons.0 + poisons.1).is_nan();
        let lowest = if lows.1 < lows.0 { lows.1 } else { lows.0 };
        let highest = if highs.1 > highs.0 { highs.1 } else { highs.0 };
        finite.then_some((lowest, highest))
    }

    /// The keys of two values in the low halves of two 64-bit lanes.
    #[inline(always)]
    fn keys_of(values: &[f64; 64], i: usize, scale: Scale) -> v128 {
        let offset = f64x2_sub(lanes(values, i), f64x2_splat(scale.low));
        f64x2_add(f64x2_mul(offset, f64x2_splat(scale.factor)), f64x2_splat(MAGIC))
    }

    /// The keys of four values, sign-extended to 32 bits: narrowing keeps the low halves, and the shifts drop the rest.
    #[inline(always)]
    fn four_keys(values: &[f64; 64], i: usize, scale: Scale) -> v128 {
        let mixed = i16x8_narrow_i32x4(keys_of(values, i, scale), keys_of(values, i + 2, scale));
        i32x4_shr(i32x4_shl(mixed, 16), 16)
    }

    #[inline(always)]
    pub fn word_keys(values: &[f64; 64], scale: Scale, keys: &mut [i16; 64]) {
        for part in 0..8 {
            let i = part * 8;
            let eight = i16x8_narrow_i32x4(four_keys(values, i, scale), four_keys(values, i + 4, scale));
            // SAFETY: i <= 56, so the eight keys lie inside the array.
            unsafe { v128_store(keys.as_mut_ptr().add(i).cast::<v128>(), eight) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn has_no_range_where_a_value_is_not_finite() {
        let mut values = [2.0; 64];
        (values[5], values[60]) = (-1.0, 7.5);
        assert_eq!(word_range(&values), Some((-1.0, 7.5)));
        for odd in [f64::NAN, f64::INFINITY] {
            values[9] = odd;
            assert_eq!(word_range(&values), None);
        }
    }

    proptest! {
        #[test]
        fn prop_keys_keep_the_order(
            magnitude in -300i32..300,
            values in prop::collection::vec(-1.0f64..1.0, 2..50),
        ) {
            let mut values: Vec<f64> = values.iter().map(|v| v * 10f64.powi(magnitude)).collect();
            values.sort_by(f64::total_cmp);
            let scale = Scale::new(values[0], values[values.len() - 1]);
            let keys: Vec<i16> = values.iter().map(|&v| scale.key(v)).collect();
            prop_assert!(keys.is_sorted(), "{keys:?}");
        }

        #[test]
        fn prop_keys_span_the_whole_scale(low in -1e6f64..1e6, width in 1e-3f64..1e6) {
            let scale = Scale::new(low, low + width);
            prop_assert_eq!((scale.key(low), scale.key(low + width)), (-32_767, 32_767));
        }
    }
}
