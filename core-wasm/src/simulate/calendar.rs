//! UTC days of the judged bars.

use super::daily::beyond_rounding;
use crate::error::KernelError;

const MINUTE_MS: f64 = 60_000.0;
const MINUTES_PER_DAY: u32 = 1440;

/// Open times of the judged bars and what each UTC day closed at.
///
/// A bar belongs to the day in which it opens. Days without a bar keep the close of the day before.
pub struct Calendar {
    /// Open time in minutes since the epoch.
    minutes: Vec<u32>,
    interval_minutes: f64,
    first_day: u32,
    day_close: Vec<f64>,
    /// `day_return[d]` is `day_close[d] / day_close[d - 1] - 1`, 0 below the tolerance; of day 0 it is not defined (NaN).
    day_return: Vec<f64>,
}

impl Calendar {
    /// # Errors
    /// `LengthMismatch` when the slices differ in length, `WindowOutOfRange` when they are empty.
    pub fn new(open_time: &[f64], close: &[f64], interval_ms: f64) -> Result<Self, KernelError> {
        if open_time.len() != close.len() {
            return Err(KernelError::LengthMismatch);
        }
        let minutes: Vec<u32> = open_time.iter().map(|&ms| (ms / MINUTE_MS) as u32).collect();
        let (Some(first), Some(last)) = (minutes.first(), minutes.last()) else {
            return Err(KernelError::WindowOutOfRange);
        };
        let first_day = first / MINUTES_PER_DAY;
        let mut day_close = vec![f64::NAN; (last / MINUTES_PER_DAY - first_day + 1) as usize];
        for (minute, &price) in minutes.iter().zip(close) {
            day_close[(minute / MINUTES_PER_DAY - first_day) as usize] = price;
        }
        for day in 1..day_close.len() {
            if day_close[day].is_nan() {
                day_close[day] = day_close[day - 1];
            }
        }
        let mut day_return = vec![f64::NAN; day_close.len()];
        for day in 1..day_close.len() {
            day_return[day] = beyond_rounding(day_close[day] / day_close[day - 1] - 1.0);
        }
        let interval_minutes = interval_ms / MINUTE_MS;
        Ok(Self { minutes, interval_minutes, first_day, day_close, day_return })
    }

    /// Index of the UTC day in which `bar` opens; the first judged day is 0.
    #[inline(always)]
    pub fn day_of(&self, bar: usize) -> usize {
        (self.minutes[bar] / MINUTES_PER_DAY - self.first_day) as usize
    }

    /// Number of UTC days from the first to the last bar.
    pub fn days(&self) -> usize {
        self.day_close.len()
    }

    /// Close of the last bar of `day`, or of the day before if it has no bar.
    #[inline(always)]
    pub fn day_close(&self, day: usize) -> f64 {
        self.day_close[day]
    }

    /// Close-to-close returns of the days `from .. to`.
    #[inline(always)]
    pub fn day_returns(&self, from: usize, to: usize) -> &[f64] {
        &self.day_return[from..to]
    }

    /// Days (fractional) from the start of the window to the close of `bar`; -1 is the start itself.
    pub fn days_until_close(&self, bar: i64) -> f64 {
        if bar < 0 {
            return 0.0;
        }
        let elapsed = f64::from(self.minutes[bar as usize] - self.minutes[0]) + self.interval_minutes;
        elapsed / f64::from(MINUTES_PER_DAY)
    }

    /// Days (fractional) from the open of the first bar to the close of the last.
    pub fn span_days(&self) -> f64 {
        self.days_until_close(self.minutes.len() as i64 - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_the_close_over_days_without_a_bar() {
        let hour = 3_600_000.0;
        let day = 24.0 * hour;
        let calendar = Calendar::new(&[0.0, hour, 3.0 * day], &[1.0, 2.0, 3.0], hour).unwrap();
        assert_eq!(calendar.days(), 4);
        assert_eq!([0, 1, 2, 3].map(|d| calendar.day_close(d)), [2.0, 2.0, 2.0, 3.0]);
        assert_eq!(calendar.day_returns(1, 4), [0.0, 0.0, 0.5]);
        assert_eq!([0, 1, 2].map(|bar| calendar.day_of(bar)), [0, 0, 3]);
        assert_eq!(calendar.span_days(), 3.0 + 1.0 / 24.0);
    }
}
