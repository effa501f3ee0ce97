use super::Indicator;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Simple moving average: the mean of the last `period` values.
///
/// Formula: `out[i] = (x[i-period+1] + … + x[i]) / period`, by a running sum whose rounding errors are carried along
/// (Knuth's two-sum), so that the error does not grow with the length of the series.
/// Units: those of `x`. Lookback: `period - 1`. NaN: propagates to every later value. Cost: O(1) per bar.
pub struct Sma {
    period: usize,
    sum: f64,
    error: f64,
}

impl Sma {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        if period == 0 {
            return Err(KernelError::PeriodZero);
        }
        Ok(Self { period, sum: 0.0, error: 0.0 })
    }

    /// Adds `x` to the running sum. The error term stays off the critical path of the next addition.
    #[inline(always)]
    fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        let part = sum - self.sum;
        self.error += (self.sum - (sum - part)) + (x - part);
        self.sum = sum;
    }
}

impl Indicator<1> for Sma {
    fn history(&self) -> usize {
        self.period
    }

    fn lookback(&self) -> usize {
        self.period - 1
    }

    fn extend(&mut self, [x]: [View<'_>; 1], bars: Range<usize>, out: &mut [f64]) {
        let defined = x.first() + self.lookback();
        let divisor = self.period as f64;
        for (value, bar) in out.iter_mut().zip(bars) {
            *value = f64::NAN;
            if bar < x.first() {
                continue;
            }
            if bar > defined {
                self.add(-x.at(bar - self.period));
            }
            self.add(x.at(bar));
            if bar >= defined {
                *value = (self.sum + self.error) / divisor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_the_last_values() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let mut out = [0.0; 4];
        Sma::new(2).unwrap().extend([View::new(&x, 0, 0)], 0..4, &mut out);
        assert!(out[0].is_nan());
        assert_eq!(out[1..], [1.5, 2.5, 3.5]);
    }

    #[test]
    fn refuses_a_period_of_zero() {
        assert_eq!(Sma::new(0).err(), Some(KernelError::PeriodZero));
    }
}
