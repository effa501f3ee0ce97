//! Moments of the UTC daily returns of equity, without an equity curve.

use super::Holding;
use super::tables::Tables;

/// Sums over the daily returns so far. Days on which equity did not move are counted at the end only.
///
/// Returns are summed relative to the first one, so that nearly equal returns keep their variance.
pub struct DailyReturns {
    /// The day that is not yet complete, and equity at the end of the day before it.
    day: usize,
    equity_before: f64,
    counted: usize,
    shift: f64,
    sum: f64,
    squares: f64,
    downside: f64,
}

impl DailyReturns {
    pub fn new(capital: f64) -> Self {
        Self { day: 0, equity_before: capital, counted: 0, shift: 0.0, sum: 0.0, squares: 0.0, downside: 0.0 }
    }

    /// Takes in a holding of `size` bought with `cash`, all the cash there was.
    #[inline(always)]
    pub fn hold(&mut self, tables: &Tables, holding: Holding, size: f64, cash: f64) {
        let calendar = &tables.calendar;
        let entry_day = calendar.day_of(holding.entry);
        if entry_day > self.day {
            self.end_day(cash);
            self.day = entry_day;
        }
        let exit_day =
            if holding.exit < tables.bars() { calendar.day_of(holding.exit) } else { calendar.days() };
        if exit_day > entry_day {
            self.end_day(size * calendar.day_close(entry_day));
            for &held in calendar.day_returns(entry_day + 1, exit_day) {
                self.count(held);
            }
            self.equity_before = size * calendar.day_close(exit_day - 1);
            self.day = exit_day;
        }
    }

    /// Ends the series with `equity` at the last bar; `days` is the number of all days.
    pub fn finish(mut self, equity: f64, days: usize) -> Moments {
        if self.day < days {
            self.end_day(equity);
        }
        let n = days as f64;
        let still = (days - self.counted) as f64;
        let sum = self.sum - still * self.shift;
        let squares = self.squares + still * (self.shift * self.shift);
        let offset = sum / n;
        let variance = if days > 1 { (squares - sum * offset) / (n - 1.0) } else { 0.0 };
        Moments {
            days,
            mean: self.shift + offset,
            deviation: variance.max(0.0).sqrt(),
            downside: (self.downside / n).sqrt(),
        }
    }

    #[inline(always)]
    fn end_day(&mut self, equity: f64) {
        if equity != self.equity_before {
            self.count(equity / self.equity_before - 1.0);
            self.equity_before = equity;
        }
    }

    #[inline(always)]
    fn count(&mut self, day_return: f64) {
        if self.counted == 0 {
            self.shift = day_return;
        }
        self.counted += 1;
        let relative = day_return - self.shift;
        self.sum += relative;
        self.squares += relative * relative;
        if day_return < 0.0 {
            self.downside += day_return * day_return;
        }
    }
}

/// Of the daily returns: mean, sample deviation (ddof 1), root mean square of the negative ones over all days.
pub struct Moments {
    pub days: usize,
    pub mean: f64,
    pub deviation: f64,
    pub downside: f64,
}
