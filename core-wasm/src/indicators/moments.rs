use super::rolling::Window;

/// The sum and the sum of squares of some values.
#[derive(Clone, Copy)]
pub(super) struct PowerSums {
    sum: f64,
    squares: f64,
}

/// Which figure is made of the moments of a window.
pub(super) trait Figure {
    /// `deviation` is the newest value less the mean.
    fn of(deviation: f64, std: f64) -> f64;
}

/// Population deviation of a window, and what follows from it.
///
/// Values enter as differences from one value of the window, so with n values the squares exceed n times the variance by a factor of n + 1 at
/// most: subtracting the square of the mean costs that factor in precision and never more, wherever the series stands.
/// A flat window has only differences of zero: a deviation of exactly 0.
pub(super) struct Moments<F: Figure> {
    weight: f64,
    figure: std::marker::PhantomData<F>,
}

impl<F: Figure> Moments<F> {
    pub(super) fn new(period: usize) -> Self {
        Self { weight: 1.0 / period as f64, figure: std::marker::PhantomData }
    }
}

impl<F: Figure> Window for Moments<F> {
    type Part = PowerSums;
    const EMPTY: PowerSums = PowerSums { sum: 0.0, squares: 0.0 };
    const CENTERED: bool = true;

    #[inline(always)]
    fn append(part: PowerSums, y: f64) -> PowerSums {
        PowerSums { sum: part.sum + y, squares: part.squares + y * y }
    }

    #[inline(always)]
    fn prepend(y: f64, part: PowerSums) -> PowerSums {
        Self::append(part, y)
    }

    #[inline(always)]
    fn value(&self, older: PowerSums, newer: PowerSums, y: f64, _center: f64) -> f64 {
        let mean = (older.sum + newer.sum) * self.weight;
        let variance = (older.squares + newer.squares) * self.weight - mean * mean;
        let variance = if variance < 0.0 { 0.0 } else { variance };
        F::of(y - mean, variance.sqrt())
    }
}
