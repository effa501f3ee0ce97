//! The metrics of one backtest as a row of numbers: one file each, and one line each in the table below.
//! NaN: not computable; +Infinity: a gain over no loss.

mod cagr;
mod calmar;
mod expectancy;
mod exposure;
mod fees;
mod figure;
mod final_equity;
mod max_drawdown;
mod max_drawdown_days;
mod profit_factor;
mod sharpe;
mod sortino;
mod sqn;
mod summary;
#[cfg(test)]
mod testing;
mod total_return;
mod trades;
mod turnover;
mod volatility;
mod win_rate;

use figure::{computable, finite, over_losses};
pub use summary::Summary;

/// What differs by less, as a fraction of what it is compared with, differs by rounding. The one tolerance of all
/// metrics.
pub const TOLERANCE: f64 = 1e-12;

const DAYS_PER_YEAR: f64 = 365.0;

/// What a daily deviation is multiplied by to be one a year.
fn annual_root() -> f64 {
    DAYS_PER_YEAR.sqrt()
}

/// Declares the row. The kernel needs the names; `src/cli/generate-metrics.ts` reads the other columns from this file and
/// writes TypeScript and docs from them and from the comment at the head of each metric's file.
macro_rules! metrics {
    ($($name:ident, $title:literal, $unit:ident, $range:expr, $better:ident, $absent:ident, $meaning:literal;)+) => {
        /// The metrics in the order of a row.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Appends a row of metrics.
        pub fn write_row(summary: &Summary, rows: &mut Vec<f64>) {
            rows.extend([$($name::value(summary)),+]);
        }
    };
}

// Name, title, unit, range, what ranks first, whether it can be null (`unbounded`: also for want of a loss), meaning.
metrics! {
    total_return,      "Total return",    ratio,    -1..,  more, certain,   "signed ratio over the whole period";
    cagr,              "CAGR",            ratio,    -1..,  more, nullable,  "signed ratio a year of 365 days";
    volatility,        "Volatility",      ratio,    0..,   less, nullable,  "ratio a year, from daily returns";
    sharpe,            "Sharpe",          number,   ..,    more, nullable,  "annualised, from daily returns";
    sortino,           "Sortino",         number,   ..,    more, unbounded, "annualised, from daily returns";
    calmar,            "Calmar",          number,   ..,    more, unbounded, "cagr / max_drawdown";
    max_drawdown,      "Max drawdown",    ratio,    0..=1, less, certain,   "positive ratio, at bar resolution";
    max_drawdown_days, "Drawdown days",   days,     0..,   less, certain,   "days from peak to recovery of the deepest drawdown";
    exposure,          "Time in market",  ratio,    0..=1, less, certain,   "share of bars with a position";
    turnover,          "Turnover a year", per_year, 0..,   less, certain,   "traded value / mean equity, a year";
    trades,            "Trades",          count,    0..,   more, certain,   "round trips";
    win_rate,          "Win rate",        ratio,    0..=1, more, nullable,  "wins / (wins + losses)";
    profit_factor,     "Profit factor",   number,   0..,   more, unbounded, "money won / money lost";
    // Both fees on top of all that was paid in: with the largest commission that configuration takes, nearly twice.
    expectancy,        "Mean trade",      ratio,    -2..,  more, nullable,  "mean return of a trade, signed ratio";
    sqn,               "SQN",             number,   ..,    more, nullable,  "system quality number";
    fees,              "Fees",            money,    0..,   less, certain,   "money paid as commission";
    final_equity,      "Final equity",    money,    0..,   more, certain,   "equity at the last close";
}
