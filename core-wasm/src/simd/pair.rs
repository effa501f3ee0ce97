//! Highest and lowest value of a range as the two lanes of one vector.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use scalar::Pair;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use vector::Pair;

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
mod scalar {
    /// Lanes: the highest value and the negated lowest, so that joining two ranges is one maximum of both lanes.
    #[derive(Clone, Copy)]
    pub struct Pair([f64; 2]);

    impl Pair {
        /// The extremes of no value at all.
        pub fn empty() -> Self {
            Self([f64::NEG_INFINITY; 2])
        }

        #[inline(always)]
        pub fn of(value: f64) -> Self {
            Self([value, -value])
        }

        #[inline(always)]
        pub fn highest(self) -> f64 {
            self.0[0]
        }

        #[inline(always)]
        pub fn lowest(self) -> f64 {
            -self.0[1]
        }

        /// The extremes of both ranges together. Values must not be NaN.
        #[inline(always)]
        pub fn join(self, other: Self) -> Self {
            let larger = |a: f64, b: f64| if a < b { b } else { a };
            Self([larger(self.0[0], other.0[0]), larger(self.0[1], other.0[1])])
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use core::arch::wasm32::{f64x2, f64x2_extract_lane, f64x2_pmax, f64x2_splat, v128};

    /// Twin of the scalar `Pair` in one register.
    #[derive(Clone, Copy)]
    pub struct Pair(v128);

    impl Pair {
        pub fn empty() -> Self {
            Self(f64x2_splat(f64::NEG_INFINITY))
        }

        #[inline(always)]
        pub fn of(value: f64) -> Self {
            Self(f64x2(value, -value))
        }

        #[inline(always)]
        pub fn highest(self) -> f64 {
            f64x2_extract_lane::<0>(self.0)
        }

        #[inline(always)]
        pub fn lowest(self) -> f64 {
            -f64x2_extract_lane::<1>(self.0)
        }

        #[inline(always)]
        pub fn join(self, other: Self) -> Self {
            Self(f64x2_pmax(self.0, other.0))
        }
    }
}
