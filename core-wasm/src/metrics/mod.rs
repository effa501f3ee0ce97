//! The metrics of one backtest as a row of numbers. Definitions: docs/metrics.md.

use crate::simulate::{Account, Ending, Tables, beyond_rounding};

/// The metrics in the order of a row, which is that of `src/core/metrics.ts`.
pub const NAMES: [&str; ROW] = [
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "max_drawdown_days",
    "exposure",
    "turnover",
    "trades",
    "win_rate",
    "profit_factor",
    "expectancy",
    "sqn",
    "fees",
    "final_equity",
];

/// Numbers in a row.
const ROW: usize = 17;

const DAYS_PER_YEAR: f64 = 365.0;
/// Growth over less than this many days is not annualised.
const ANNUALISED_FROM_DAYS: f64 = 30.0;
/// What differs by less, as a fraction of what it is compared with, differs by rounding. The one tolerance of all
/// metrics.
pub const TOLERANCE: f64 = 1e-12;

/// The one bit pattern that stands for "not computable", whatever NaN the arithmetic left.
const NOT_COMPUTABLE: f64 = f64::from_bits(0x7ff8_0000_0000_0000);
/// What stands for a ratio to losses that there were none of. Nothing else in a row is infinite.
const UNBOUNDED: f64 = f64::INFINITY;

/// Ends an account and computes its metrics in the order of `src/core/metrics.ts`. NaN: not computable; +Infinity:
/// unbounded, which only sortino, calmar and profit_factor can be. Also returns how the account ended.
pub fn finish(mut account: Account, tables: &Tables) -> ([f64; ROW], Ending) {
    let ending = account.end(tables);
    let equity = ending.equity;
    let capital = tables.execution.initial_capital;
    let commission = tables.execution.commission;
    let bars = tables.bars() as f64;
    let span_days = tables.calendar.span_days();
    let years = span_days / DAYS_PER_YEAR;
    let moments = account.daily.finish(equity, tables.calendar.days());
    let drawdown = account.drawdown.finish(tables);
    let trades = &account.trades;
    let profits = &trades.profits;
    let count = f64::from(profits.count());
    let pnl_deviation = finite((profits.squared_deviations() / (count - 1.0)).sqrt());
    let annual = DAYS_PER_YEAR.sqrt();

    // A double that overflowed is no equity, and an account that lost everything has no ratios.
    let known = account.equity_sum.is_finite();
    let solvent = known && ending.bust.is_none();
    let growth = beyond_rounding(equity / capital - 1.0);
    let cagr = computable(known && span_days >= ANNUALISED_FROM_DAYS, || {
        if growth == 0.0 { 0.0 } else { libm::pow(equity / capital, 1.0 / years) - 1.0 }
    });
    let grew = growth > 0.0;
    let daily = solvent && moments.days >= 2;
    let deviation = finite(moments.deviation);
    let still = deviation < TOLERANCE * (1.0 + moments.mean);
    let rose = moments.mean > 0.0;
    let fell = moments.downside > 0.0;
    let traded = account.bought / (1.0 + commission) + account.sold / (1.0 - commission);
    let fees =
        account.bought * (commission / (1.0 + commission)) + account.sold * (commission / (1.0 - commission));
    let decided = f64::from(trades.wins + trades.losses);
    let scattered = profits.count() >= 2 && pnl_deviation >= TOLERANCE * (account.sold / count);

    let row = [
        computable(known, || growth),
        cagr,
        computable(daily, || if still { 0.0 } else { annual * deviation }),
        computable(daily && !still, || annual * moments.mean / deviation),
        over_losses(daily && rose, daily && fell, || annual * moments.mean / moments.downside),
        over_losses(solvent && !cagr.is_nan() && grew, solvent && drawdown.depth > 0.0, || {
            cagr / drawdown.depth
        }),
        computable(known, || drawdown.depth),
        computable(known, || drawdown.days),
        account.held_bars as f64 / bars,
        computable(known, || traded / (account.equity_sum / bars) / years),
        count,
        computable(known && decided > 0.0, || f64::from(trades.wins) / decided),
        over_losses(solvent && trades.wins > 0, solvent && trades.losses > 0, || trades.gains / trades.lost),
        computable(known && count > 0.0, || trades.growth / count * (1.0 + commission)),
        computable(solvent && scattered, || count.sqrt() * profits.mean() / pnl_deviation),
        computable(known, || fees),
        computable(known, || equity),
    ];
    (row, ending)
}

fn computable(holds: bool, value: impl FnOnce() -> f64) -> f64 {
    if holds { finite(value()) } else { NOT_COMPUTABLE }
}

/// A ratio of what was won to what was lost.
fn over_losses(won: bool, lost: bool, ratio: impl FnOnce() -> f64) -> f64 {
    if won && !lost { UNBOUNDED } else { computable(lost, ratio) }
}

/// An overflow is no figure. Adding 0 takes the sign from a zero.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value + 0.0 } else { NOT_COMPUTABLE }
}
