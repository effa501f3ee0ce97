//! Mean and squared deviations of a stream of values in one pass.

/// Sums of values as they are and relative to the first one. Of the two ways to the squared deviations the one that
/// loses fewer digits is taken: the first where the values scatter around zero, the second where they are nearly equal.
#[derive(Clone, Copy, Default)]
pub struct Spread {
    count: u32,
    first: f64,
    sum: f64,
    squares: f64,
    offset: f64,
    offset_squares: f64,
}

impl Spread {
    #[inline(always)]
    pub fn add(&mut self, value: f64) {
        if self.count == 0 {
            self.first = value;
        }
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
        let offset = value - self.first;
        self.offset += offset;
        self.offset_squares += offset * offset;
    }

    pub fn count(&self) -> u32 {
        self.count
    }

    /// NaN without values.
    pub fn mean(&self) -> f64 {
        let n = f64::from(self.count);
        if self.is_scattered() { self.sum / n } else { self.first + self.offset / n }
    }

    /// Sum of the squared deviations from the mean.
    pub fn squared_deviations(&self) -> f64 {
        let n = f64::from(self.count);
        let (sum, squares) =
            if self.is_scattered() { (self.sum, self.squares) } else { (self.offset, self.offset_squares) };
        if self.count == 0 { 0.0 } else { (squares - sum * (sum / n)).max(0.0) }
    }

    /// Whether the squared mean is no more than the variance.
    fn is_scattered(&self) -> bool {
        2.0 * self.sum * self.sum <= self.squares * f64::from(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: &[f64]) -> Spread {
        let mut spread = Spread::default();
        values.iter().for_each(|&value| spread.add(value));
        spread
    }

    #[test]
    fn keeps_the_variance_of_nearly_equal_values() {
        let spread = spread(&[1.0, 1.0 + 1e-9, 1.0 - 1e-9]);
        assert!((spread.squared_deviations() / 2e-18 - 1.0).abs() < 1e-6);
        assert_eq!(spread.mean(), 1.0);
    }

    #[test]
    fn keeps_the_variance_after_a_first_value_far_away() {
        let mut values = vec![-10.0];
        values.extend((0..5000).map(|i| if i % 2 == 0 { 0.01 } else { -0.01 }));
        let mean = -10.0 / 5001.0;
        let direct: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        assert!((spread(&values).squared_deviations() / direct - 1.0).abs() < 1e-13);
    }

    #[test]
    fn has_no_deviation_without_values() {
        assert_eq!(spread(&[]).squared_deviations(), 0.0);
    }
}
