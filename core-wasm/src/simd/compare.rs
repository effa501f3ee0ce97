//! 64 comparisons of two columns into one word of bits each for "greater" and "less".

/// Bit `i` of `.0` says `a[i] > b[i]`, bit `i` of `.1` says `a[i] < b[i]`. NaN compares false.
///
/// On single-precision copies: rounding never reorders two values, so a set bit holds for the originals too; where
/// both bits are clear the originals have to be asked.
#[inline(always)]
pub fn compare_singles(a: &[f32; 64], b: &[f32; 64]) -> (u64, u64) {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::compare_singles(a, b)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        compare_values(a, b)
    }
}

/// The scalar definition, for any kind of value.
#[inline]
pub fn compare_values<T: PartialOrd>(a: &[T; 64], b: &[T; 64]) -> (u64, u64) {
    let mut words = (0, 0);
    for (bit, (x, y)) in a.iter().zip(b).enumerate() {
        words.0 |= u64::from(x > y) << bit;
        words.1 |= u64::from(x < y) << bit;
    }
    words
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use core::arch::wasm32::{f32x4_gt, f32x4_lt, i32x4_bitmask, v128, v128_load};

    /// Loads lanes `i .. i + 4`.
    #[inline(always)]
    fn lanes(values: &[f32; 64], i: usize) -> v128 {
        debug_assert!(i + 4 <= 64);
        // SAFETY: callers pass i <= 60, so all four lanes lie inside the array.
        unsafe { v128_load(values.as_ptr().add(i).cast::<v128>()) }
    }

    #[inline(always)]
    pub fn compare_singles(a: &[f32; 64], b: &[f32; 64]) -> (u64, u64) {
        let mut words = (0, 0);
        for quad in 0..16 {
            let (x, y) = (lanes(a, quad * 4), lanes(b, quad * 4));
            words.0 |= u64::from(i32x4_bitmask(f32x4_gt(x, y))) << (quad * 4);
            words.1 |= u64::from(i32x4_bitmask(f32x4_lt(x, y))) << (quad * 4);
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_one_bit_per_comparison_and_none_for_nan() {
        let mut a = [0.0; 64];
        let mut b = [0.0; 64];
        (a[3], b[5], a[63], b[63]) = (1.0, 1.0, f32::NAN, -1.0);
        assert_eq!(compare_singles(&a, &b), (1 << 3, 1 << 5));
        assert_eq!(compare_values(&a, &b), (1 << 3, 1 << 5));
    }
}
