//! 64 comparisons of two columns into one word of bits.

/// Bit `i` of `.0` says `a[i] < b[i]`; `.1` says that some `a[i]` equals `b[i]`.
#[inline(always)]
pub fn compare_keys(a: &[i16; 64], b: &[i16; 64]) -> (u64, bool) {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::compare_keys(a, b)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        let (greater, less) = compare_values(a, b);
        (less, greater | less != u64::MAX)
    }
}

/// Bit `i` of `.0` says `a[i] > b[i]`, bit `i` of `.1` says `a[i] < b[i]`. NaN compares false. The definition of what
/// every faster way must equal.
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

    /// Loads lanes `i .. i + 8`.
    #[inline(always)]
    fn lanes(keys: &[i16; 64], i: usize) -> v128 {
        debug_assert!(i + 8 <= 64);
        // SAFETY: callers pass i <= 56, so all eight lanes lie inside the array.
        unsafe { v128_load(keys.as_ptr().add(i).cast::<v128>()) }
    }

    /// Differences of eight keys; saturation keeps their sign, and zero for equal keys only.
    #[inline(always)]
    fn differences(a: &[i16; 64], b: &[i16; 64], i: usize) -> v128 {
        i16x8_sub_sat(lanes(a, i), lanes(b, i))
    }

    #[inline(always)]
    pub fn compare_keys(a: &[i16; 64], b: &[i16; 64]) -> (u64, bool) {
        let mut less = 0;
        let mut ties = i8x16_splat(0);
        for part in 0..4 {
            let i = part * 16;
            let signs = i8x16_narrow_i16x8(differences(a, b, i), differences(a, b, i + 8));
            less |= u64::from(i8x16_bitmask(signs)) << i;
            ties = v128_or(ties, i8x16_eq(signs, i8x16_splat(0)));
        }
        (less, v128_any_true(ties))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_one_bit_per_comparison_and_tells_ties() {
        let mut a = [i16::MAX; 64];
        let b = [i16::MIN + 1; 64];
        a[5] = i16::MIN;
        assert_eq!(compare_keys(&a, &b), (1 << 5, false));
        a[63] = b[63];
        assert_eq!(compare_keys(&a, &b), (1 << 5, true));
    }

    #[test]
    fn compares_nothing_with_nan() {
        let mut a = [0.0; 64];
        let mut b = [0.0; 64];
        (a[3], b[5], a[63], b[63]) = (1.0, 1.0, f64::NAN, -1.0);
        assert_eq!(compare_values(&a, &b), (1 << 3, 1 << 5));
    }
}
