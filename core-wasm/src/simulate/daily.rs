//! Moments of the UTC daily returns of equity, without an equity curve.

use super::Holding;
use super::spread::Spread;
use super::tables::Tables;
use crate::metrics::TOLERANCE;

/// Sums over the daily returns so far. Days on which equity did not move join at the end.
pub struct DailyReturns {
    /// The day that is not yet complete, and equity at the end of the day before it.
    day: usize,
    equity_before: f64,
    moved: Spread,
    downside: f64,
}

impl DailyReturns {
    pub fn new(capital: f64) -> Self {
        Self { day: 0, equity_before: capital, moved: Spread::default(), downside: 0.0 }
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
        let moved = f64::from(self.moved.count());
        let mean = if moved > 0.0 { self.moved.mean() } else { 0.0 };
        // The days that moved and those that did not, joined: squared deviations of each and between their means.
        let squares = self.moved.squared_deviations() + mean * mean * (moved * (n - moved) / n);
        Moments {
            days,
            mean: mean * moved / n,
            deviation: if days > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 },
            downside: (self.downside / n).sqrt(),
        }
    }

    #[inline(always)]
    fn end_day(&mut self, equity: f64) {
        if equity != self.equity_before {
            let day_return = beyond_rounding(equity / self.equity_before - 1.0);
            if day_return != 0.0 {
                self.count(day_return);
            }
            self.equity_before = equity;
        }
    }

    #[inline(always)]
    fn count(&mut self, day_return: f64) {
        self.moved.add(day_return);
        if day_return < 0.0 {
            self.downside += day_return * day_return;
        }
    }
}

/// A return or a growth as it counts: 0 below the tolerance.
#[inline(always)]
pub fn beyond_rounding(change: f64) -> f64 {
    if change.abs() < TOLERANCE { 0.0 } else { change }
}

/// Of the daily returns: mean, sample deviation (ddof 1), root mean square of the negative ones over all days.
pub struct Moments {
    pub days: usize,
    pub mean: f64,
    pub deviation: f64,
    pub downside: f64,
}
