//! What all metrics are computed from.

use super::{DAYS_PER_YEAR, TOLERANCE, finite};
use crate::simulate::{Account, DeepestDrawdown, Ending, Moments, Tables, TradeSums, beyond_rounding};

/// An account at the end of the window: its sums over trades, bars and days. All money in quote currency.
pub struct Summary {
    pub capital: f64,
    /// At the last close.
    pub equity: f64,
    pub commission: f64,
    pub bars: f64,
    /// From the open of the first bar to the close of the last.
    pub days: f64,
    /// False where the sum of equity overflowed: a double that overflowed is no equity.
    pub known: bool,
    /// False also for an account that lost everything: it has no ratios.
    pub solvent: bool,
    pub trades: TradeSums,
    /// Cash spent on entries and received from exits, fees included.
    pub bought: f64,
    pub sold: f64,
    pub held_bars: f64,
    /// Sum of equity over the closes of all bars.
    pub equity_sum: f64,
    /// Of the daily returns; a deviation that overflowed is NaN.
    pub daily: Moments,
    pub drawdown: DeepestDrawdown,
}

impl Summary {
    /// Ends the account. Also returns how it stood.
    pub fn of(mut account: Account, tables: &Tables) -> (Self, Ending) {
        let ending = account.end(tables);
        let known = account.equity_sum.is_finite();
        let mut daily = account.daily.finish(ending.equity, tables.calendar.days());
        daily.deviation = finite(daily.deviation);
        let summary = Self {
            capital: tables.execution.initial_capital,
            equity: ending.equity,
            commission: tables.execution.commission,
            bars: tables.bars() as f64,
            days: tables.calendar.span_days(),
            known,
            solvent: known && ending.bust.is_none(),
            trades: account.trades,
            bought: account.bought,
            sold: account.sold,
            held_bars: account.held_bars as f64,
            equity_sum: account.equity_sum,
            daily,
            drawdown: account.drawdown.finish(tables),
        };
        (summary, ending)
    }

    pub fn years(&self) -> f64 {
        self.days / DAYS_PER_YEAR
    }

    /// Change of equity over the window, as a fraction of the capital.
    pub fn growth(&self) -> f64 {
        beyond_rounding(self.equity / self.capital - 1.0)
    }

    pub fn has_daily_returns(&self) -> bool {
        self.solvent && self.daily.days >= 2
    }

    /// Whether daily returns do not scatter beyond rounding.
    pub fn is_still(&self) -> bool {
        self.daily.deviation < TOLERANCE * (1.0 + self.daily.mean)
    }
}
