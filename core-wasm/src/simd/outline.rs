//! Single-precision copies of columns and the range of every word.

/// Rounds 64 values to single precision and returns their lowest and highest, or None if one is NaN or infinite (or
/// too large for single precision).
#[inline(always)]
pub fn outline_word(values: &[f64; 64], singles: &mut [f32; 64]) -> Option<(f32, f32)> {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        vector::outline_word(values, singles)
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        outline_word_scalar(values, singles)
    }
}

/// The scalar twin of [`outline_word`], and its definition.
#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
fn outline_word_scalar(values: &[f64; 64], singles: &mut [f32; 64]) -> Option<(f32, f32)> {
    let mut range = (f32::INFINITY, f32::NEG_INFINITY);
    let mut poison = 0.0;
    for (single, &value) in singles.iter_mut().zip(values) {
        *single = value as f32;
        range.0 = if *single < range.0 { *single } else { range.0 };
        range.1 = if *single > range.1 { *single } else { range.1 };
        poison += *single * 0.0;
    }
    (!f32::is_nan(poison)).then_some(range)
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use core::arch::wasm32::*;

    #[inline(always)]
    pub fn outline_word(values: &[f64; 64], singles: &mut [f32; 64]) -> Option<(f32, f32)> {
        let mut low = f32x4_splat(f32::INFINITY);
        let mut high = f32x4_splat(f32::NEG_INFINITY);
        let mut poison = f32x4_splat(0.0);
        for quad in 0..16 {
            let row = demote(values, quad * 4, singles);
            low = f32x4_pmin(low, row);
            high = f32x4_pmax(high, row);
            poison = f32x4_add(poison, f32x4_mul(row, f32x4_splat(0.0)));
        }
        let poison = lanes(poison).iter().sum::<f32>();
        let smaller = |a: f32, b: f32| if b < a { b } else { a };
        let larger = |a: f32, b: f32| if b > a { b } else { a };
        (!poison.is_nan()).then(|| {
            let lowest = lanes(low).into_iter().fold(f32::INFINITY, smaller);
            (lowest, lanes(high).into_iter().fold(f32::NEG_INFINITY, larger))
        })
    }

    /// Rounds the values `i .. i + 4`, stores and returns them.
    #[inline(always)]
    fn demote(values: &[f64; 64], i: usize, singles: &mut [f32; 64]) -> v128 {
        debug_assert!(i + 4 <= 64);
        // SAFETY: callers pass i <= 60, so the reads and writes of four lanes lie inside both arrays.
        unsafe {
            let from = values.as_ptr().add(i);
            let into = singles.as_mut_ptr().add(i);
            let first = f32x4_demote_f64x2_zero(v128_load(from.cast::<v128>()));
            let second = f32x4_demote_f64x2_zero(v128_load(from.add(2).cast::<v128>()));
            v128_store64_lane::<0>(first, into.cast::<u64>());
            v128_store64_lane::<0>(second, into.add(2).cast::<u64>());
            v128_load(into.cast::<v128>())
        }
    }

    #[inline(always)]
    fn lanes(row: v128) -> [f32; 4] {
        [
            f32x4_extract_lane::<0>(row),
            f32x4_extract_lane::<1>(row),
            f32x4_extract_lane::<2>(row),
            f32x4_extract_lane::<3>(row),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_no_range_where_a_value_is_not_finite_in_single_precision() {
        let mut singles = [0.0; 64];
        let mut values = [2.0; 64];
        (values[5], values[60]) = (-1.0, 7.5);
        assert_eq!(outline_word_scalar(&values, &mut singles), Some((-1.0, 7.5)));
        assert_eq!(singles[60], 7.5);
        for odd in [f64::NAN, f64::INFINITY, f64::MAX] {
            values[9] = odd;
            assert_eq!(outline_word(&values, &mut singles), None);
        }
    }
}
