//! Finding out whether any of eight values needs a closer look. Hardly any does, so this has to cost next to nothing.

/// Whether some value equals the one of `others` in its place.
#[inline(always)]
pub fn any_equal(values: &[f64; 8], others: &[f64; 8]) -> bool {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::any_equal(values, others)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        values.iter().zip(others).any(|(value, other)| value == other)
    }
}

/// Whether the low 16 bits of some `value * factor + shift` are zero. With a large `shift` they are a position between whole numbers.
#[inline(always)]
pub fn any_low_bits_zero(values: &[f64; 8], factor: f64, shift: f64) -> bool {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::any_low_bits_zero(values, factor, shift)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        values.iter().any(|value| (value * factor + shift).to_bits() as u16 == 0)
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use core::arch::wasm32::*;

    /// Loads lanes `i` and `i + 1`.
    #[inline(always)]
    fn lanes(values: &[f64; 8], i: usize) -> v128 {
        debug_assert!(i + 2 <= 8);
        // SAFETY: callers pass i <= 6, so both lanes lie inside the array.
        unsafe { v128_load(values.as_ptr().add(i).cast::<v128>()) }
    }

    #[inline(always)]
    pub fn any_equal(values: &[f64; 8], others: &[f64; 8]) -> bool {
        let equal = |i| f64x2_eq(lanes(values, i), lanes(others, i));
        v128_any_true(v128_or(v128_or(equal(0), equal(2)), v128_or(equal(4), equal(6))))
    }

    /// Zero is the least of all 16-bit lanes, so that one comparison serves all values.
    #[inline(always)]
    pub fn any_low_bits_zero(values: &[f64; 8], factor: f64, shift: f64) -> bool {
        let sum = |i| f64x2_add(f64x2_mul(lanes(values, i), f64x2_splat(factor)), f64x2_splat(shift));
        let least = u16x8_min(u16x8_min(sum(0), sum(2)), u16x8_min(sum(4), sum(6)));
        v128_any_true(i64x2_eq(v128_and(least, u64x2_splat(0xffff)), u64x2_splat(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_one_value_among_others() {
        let values = [0.3; 8];
        for at in 0..8 {
            let mut others = [0.5; 8];
            assert!(!any_equal(&values, &others));
            others[at] = 0.3;
            assert!(any_equal(&values, &others));
        }
    }
}
