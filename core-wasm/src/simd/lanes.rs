//! Two doubles that are computed with together: each operation is that of doubles, lane by lane.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use scalar::Lanes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use vector::Lanes;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod scalar {
    use std::array::from_fn;
    use std::ops::{Add, BitAnd, Div, Mul, Sub};

    #[derive(Clone, Copy)]
    pub struct Lanes([f64; 2]);

    /// A yes or no for each lane.
    #[derive(Clone, Copy)]
    pub struct Mask([bool; 2]);

    macro_rules! lane_by_lane {
        ($($operator:ident $name:ident),*) => {
            $(impl $operator for Lanes {
                type Output = Self;

                fn $name(self, other: Self) -> Self {
                    Self(from_fn(|i| self.0[i].$name(other.0[i])))
                }
            })*
        };
    }

    lane_by_lane!(Add add, Sub sub, Mul mul, Div div);

    impl Lanes {
        pub fn new(first: f64, second: f64) -> Self {
            Self([first, second])
        }

        pub fn splat(value: f64) -> Self {
            Self([value; 2])
        }

        /// The values at `i` and `i + 1`.
        pub fn load(values: &[f64; 8], i: usize) -> Self {
            Self([values[i], values[i + 1]])
        }

        pub fn store(self, values: &mut [f64; 8], i: usize) {
            values[i..i + 2].copy_from_slice(&self.0);
        }

        pub fn first(self) -> f64 {
            self.0[0]
        }

        pub fn abs(self) -> Self {
            Self(self.0.map(f64::abs))
        }

        /// The magnitude of the first lane beside the second lane as it is.
        pub fn abs_first(self) -> Self {
            Self([self.0[0].abs(), self.0[1]])
        }

        /// The first lanes of both, and the second lanes of both.
        pub fn zip(self, other: Self) -> [Self; 2] {
            from_fn(|i| Self([self.0[i], other.0[i]]))
        }

        pub fn equal(self, other: Self) -> Mask {
            Mask(from_fn(|i| self.0[i] == other.0[i]))
        }

        pub fn not_equal(self, other: Self) -> Mask {
            Mask(from_fn(|i| self.0[i] != other.0[i]))
        }

        pub fn at_most(self, other: Self) -> Mask {
            Mask(from_fn(|i| self.0[i] <= other.0[i]))
        }

        /// Whether the low 16 bits are zero.
        pub fn low_bits_zero(self) -> Mask {
            Mask(self.0.map(|value| value.to_bits() as u16 == 0))
        }

        pub fn any_low_bits_zero(all: [Self; 4]) -> bool {
            all.iter().any(|lanes| lanes.low_bits_zero().0 != [false; 2])
        }
    }

    impl Mask {
        /// `yes` where the mask is set, else `no`.
        pub fn select(self, yes: Lanes, no: Lanes) -> Lanes {
            Lanes(from_fn(|i| if self.0[i] { yes.0[i] } else { no.0[i] }))
        }

        /// All bits one, which is a NaN, where the mask is set.
        pub fn fill(self, lanes: Lanes) -> Lanes {
            self.select(Lanes::splat(f64::from_bits(u64::MAX)), lanes)
        }
    }

    impl BitAnd for Mask {
        type Output = Self;

        fn bitand(self, other: Self) -> Self {
            Self(from_fn(|i| self.0[i] && other.0[i]))
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use core::arch::wasm32::*;
    use std::ops::{Add, BitAnd, Div, Mul, Sub};

    /// Twin of the scalar `Lanes` in one register.
    #[derive(Clone, Copy)]
    pub struct Lanes(v128);

    /// Twin of the scalar `Mask`: all bits of a lane are one, or none.
    #[derive(Clone, Copy)]
    pub struct Mask(v128);

    macro_rules! lane_by_lane {
        ($($operator:ident $name:ident $instruction:ident),*) => {
            $(impl $operator for Lanes {
                type Output = Self;

                #[inline(always)]
                fn $name(self, other: Self) -> Self {
                    Self($instruction(self.0, other.0))
                }
            })*
        };
    }

    lane_by_lane!(Add add f64x2_add, Sub sub f64x2_sub, Mul mul f64x2_mul, Div div f64x2_div);

    impl Lanes {
        #[inline(always)]
        pub fn new(first: f64, second: f64) -> Self {
            Self(f64x2(first, second))
        }

        #[inline(always)]
        pub fn splat(value: f64) -> Self {
            Self(f64x2_splat(value))
        }

        #[inline(always)]
        pub fn load(values: &[f64; 8], i: usize) -> Self {
            let lanes = &values[i..i + 2];
            // SAFETY: the slice holds two doubles.
            Self(unsafe { v128_load(lanes.as_ptr().cast::<v128>()) })
        }

        #[inline(always)]
        pub fn store(self, values: &mut [f64; 8], i: usize) {
            let lanes = &mut values[i..i + 2];
            // SAFETY: the slice holds two doubles.
            unsafe { v128_store(lanes.as_mut_ptr().cast::<v128>(), self.0) }
        }

        #[inline(always)]
        pub fn first(self) -> f64 {
            f64x2_extract_lane::<0>(self.0)
        }

        #[inline(always)]
        pub fn abs(self) -> Self {
            Self(f64x2_abs(self.0))
        }

        #[inline(always)]
        pub fn abs_first(self) -> Self {
            Self(v128_and(self.0, u64x2(u64::MAX >> 1, u64::MAX)))
        }

        #[inline(always)]
        pub fn zip(self, other: Self) -> [Self; 2] {
            let first = f64x2_replace_lane::<1>(self.0, f64x2_extract_lane::<0>(other.0));
            let second = f64x2_replace_lane::<0>(other.0, f64x2_extract_lane::<1>(self.0));
            [Self(first), Self(second)]
        }

        #[inline(always)]
        pub fn equal(self, other: Self) -> Mask {
            Mask(f64x2_eq(self.0, other.0))
        }

        #[inline(always)]
        pub fn not_equal(self, other: Self) -> Mask {
            Mask(f64x2_ne(self.0, other.0))
        }

        #[inline(always)]
        pub fn at_most(self, other: Self) -> Mask {
            Mask(f64x2_le(self.0, other.0))
        }

        #[inline(always)]
        pub fn low_bits_zero(self) -> Mask {
            Mask(i64x2_eq(v128_and(self.0, u64x2_splat(0xffff)), u64x2_splat(0)))
        }

        /// Zero is the least of all 16-bit lanes, so that one comparison serves all.
        #[inline(always)]
        pub fn any_low_bits_zero([a, b, c, d]: [Self; 4]) -> bool {
            let least = u16x8_min(u16x8_min(a.0, b.0), u16x8_min(c.0, d.0));
            v128_any_true(Self(least).low_bits_zero().0)
        }
    }

    impl Mask {
        #[inline(always)]
        pub fn select(self, yes: Lanes, no: Lanes) -> Lanes {
            Lanes(v128_bitselect(yes.0, no.0, self.0))
        }

        #[inline(always)]
        pub fn fill(self, lanes: Lanes) -> Lanes {
            Lanes(v128_or(lanes.0, self.0))
        }
    }

    impl BitAnd for Mask {
        type Output = Self;

        #[inline(always)]
        fn bitand(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }
    }
}
