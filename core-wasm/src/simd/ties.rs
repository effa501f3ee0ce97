//! Finding the values that may be round numbers: hardly any is, so this has to cost next to nothing.

/// Which numbers are round: the multiples of `1 / factor / 2^-shift`, in a form that shows them in the low bits of a sum.
#[derive(Clone, Copy)]
pub struct Rounding {
    /// Brings values to the scale on which round numbers are whole multiples of a power of two.
    pub factor: f64,
    /// Added to a value it leaves the position between two round numbers in the low bits.
    pub shift: f64,
    pub mask: u32,
}

impl Rounding {
    /// Whether the value, rounded to the last of the masked bits, is a round number. NaN may be.
    #[inline(always)]
    pub fn is_near(self, value: f64) -> bool {
        (value * self.factor + self.shift).to_bits() as u32 & self.mask == 0
    }
}

/// Whether one of eight values is near a round number.
#[inline(always)]
pub fn any_near(values: &[f64; 8], rounding: Rounding) -> bool {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::any_near(values, rounding)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        values.iter().fold(false, |found, value| found | rounding.is_near(*value))
    }
}

/// Whether one of eight values is zero.
#[inline(always)]
pub fn any_zero(values: &[f64; 8]) -> bool {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::any_zero(values)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        values.iter().fold(false, |found, value| found | (*value == 0.0))
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use super::Rounding;
    use core::arch::wasm32::*;

    /// Loads lanes `i` and `i + 1`.
    #[inline(always)]
    fn lanes(values: &[f64; 8], i: usize) -> v128 {
        debug_assert!(i + 2 <= 8);
        // SAFETY: callers pass i <= 6, so both lanes lie inside the array.
        unsafe { v128_load(values.as_ptr().add(i).cast::<v128>()) }
    }

    #[inline(always)]
    pub fn any_near(values: &[f64; 8], Rounding { factor, shift, mask }: Rounding) -> bool {
        let sum = |i| f64x2_add(f64x2_mul(lanes(values, i), f64x2_splat(factor)), f64x2_splat(shift));
        let near = |i| i64x2_eq(v128_and(sum(i), u64x2_splat(u64::from(mask))), i64x2_splat(0));
        v128_any_true(v128_or(v128_or(near(0), near(2)), v128_or(near(4), near(6))))
    }

    #[inline(always)]
    pub fn any_zero(values: &[f64; 8]) -> bool {
        let zero = |i| f64x2_eq(lanes(values, i), f64x2_splat(0.0));
        v128_any_true(v128_or(v128_or(zero(0), zero(2)), v128_or(zero(4), zero(6))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTERS: Rounding =
        Rounding { factor: 1.0, shift: 1.5 * (1_u64 << 32) as f64, mask: (1 << 18) - 1 };

    #[test]
    fn sees_one_value_among_others() {
        let mut values = [0.3; 8];
        assert!(!any_near(&values, QUARTERS) && !any_zero(&values));
        values[5] = -0.25 + 1e-8;
        assert!(any_near(&values, QUARTERS) && !any_zero(&values));
        values[5] = -0.0;
        assert!(any_near(&values, QUARTERS) && any_zero(&values));
    }
}
