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
    use core::arch::wasm32::*;

    /// Loads lanes `i .. i + 4`.
    #[inline(always)]
    fn lanes(values: &[f32; 64], i: usize) -> v128 {
        debug_assert!(i + 4 <= 64);
        // SAFETY: callers pass i <= 60, so all four lanes lie inside the array.
        unsafe { v128_load(values.as_ptr().add(i).cast::<v128>()) }
    }

    /// Packs four masks of four 32-bit lanes into 16 bits, in order. Narrowing twice keeps the sign of every lane and
    /// costs less here than four bitmasks or a shuffle.
    #[inline(always)]
    fn pack(masks: [v128; 4]) -> u64 {
        let low = i16x8_narrow_i32x4(masks[0], masks[1]);
        let high = i16x8_narrow_i32x4(masks[2], masks[3]);
        u64::from(i8x16_bitmask(i8x16_narrow_i16x8(low, high)))
    }

    #[inline(always)]
    pub fn compare_singles(a: &[f32; 64], b: &[f32; 64]) -> (u64, u64) {
        let mut words = (0, 0);
        for part in 0..4 {
            let mut greater = [f32x4_splat(0.0); 4];
            let mut less = [f32x4_splat(0.0); 4];
            for quad in 0..4 {
                let i = part * 16 + quad * 4;
                let (x, y) = (lanes(a, i), lanes(b, i));
                greater[quad] = f32x4_gt(x, y);
                less[quad] = f32x4_lt(x, y);
            }
            words.0 |= pack(greater) << (part * 16);
            words.1 |= pack(less) << (part * 16);
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
