use super::rolling::Window;
use super::ties::NOTCH;
use crate::simd::ties::Rounding;

/// The sum and the sum of squares of some values.
#[derive(Clone, Copy)]
pub(super) struct PowerSums {
    sum: f64,
    squares: f64,
}

/// Which figure is made of the moments of a window.
pub(super) trait Figure {
    fn of(moments: &Measured) -> f64;

    /// The figure where it is near a round number.
    fn settled(moments: &Measured) -> f64;
}

/// A window of `n` values.
pub(super) struct Measured {
    pub n: f64,
    /// `1 / n`, rounded.
    pub weight: f64,
    /// The newest value less the mean, `n` times.
    pub deviation: f64,
    /// The deviation of the window, `n` times.
    pub std: f64,
    /// Bounds the magnitude of the newest value.
    pub size: f64,
}

/// Population deviation of a window, and what follows from it.
///
/// Values enter as differences from one value of the window, so with n values the squares exceed n times the variance by a factor of n + 1 at
/// most: subtracting the square of the mean costs that factor in precision and never more, wherever the series stands.
/// A flat window has only differences of zero: a deviation of exactly 0. Both figures are kept `n` times as large, which takes whole
/// numbers to whole numbers: no weight `1 / n` is rounded before the last step.
pub(super) struct Moments<F: Figure> {
    n: f64,
    weight: f64,
    figure: std::marker::PhantomData<F>,
}

impl<F: Figure> Moments<F> {
    pub(super) fn new(period: usize) -> Self {
        Self { n: period as f64, weight: 1.0 / period as f64, figure: std::marker::PhantomData }
    }
}

impl<F: Figure> Window for Moments<F> {
    type Part = PowerSums;
    const EMPTY: PowerSums = PowerSums { sum: 0.0, squares: 0.0 };
    const CENTERED: bool = true;
    const TIES: Option<Rounding> = Some(NOTCH);

    #[inline(always)]
    fn append(part: PowerSums, y: f64) -> PowerSums {
        PowerSums { sum: part.sum + y, squares: part.squares + y * y }
    }

    #[inline(always)]
    fn prepend(y: f64, part: PowerSums) -> PowerSums {
        Self::append(part, y)
    }

    #[inline(always)]
    fn value(&self, older: PowerSums, newer: PowerSums, y: f64, center: f64) -> f64 {
        F::of(&self.measure(older, newer, y, center))
    }

    fn settled(&self, older: PowerSums, newer: PowerSums, y: f64, center: f64) -> f64 {
        F::settled(&self.measure(older, newer, y, center))
    }
}

impl<F: Figure> Moments<F> {
    #[inline(always)]
    fn measure(&self, older: PowerSums, newer: PowerSums, y: f64, center: f64) -> Measured {
        let Self { n, weight, .. } = *self;
        let sum = older.sum + newer.sum;
        let variance = n * (older.squares + newer.squares) - sum * sum;
        let std = if variance < 0.0 { 0.0 } else { variance }.sqrt();
        Measured { n, weight, deviation: n * y - sum, std, size: center.abs() + y.abs() }
    }
}
