//! The metrics of one backtest as a row of numbers. Definitions: docs/metrics.md.

use crate::simulate::{Account, Holding, Tables};

/// Numbers in a row.
pub const ROW: usize = 17;

const DAYS_PER_YEAR: f64 = 365.0;
/// Growth over less than this many days is not annualised.
const ANNUALISED_FROM_DAYS: f64 = 30.0;
/// What differs by less, as a fraction of what it is compared with, differs by rounding.
pub const TOLERANCE: f64 = 1e-12;

/// The one bit pattern that stands for "not computable", whatever NaN the arithmetic left.
const NOT_COMPUTABLE: f64 = f64::from_bits(0x7ff8_0000_0000_0000);
/// What stands for a ratio to losses that there were none of. Nothing else in a row is infinite.
const UNBOUNDED: f64 = f64::INFINITY;

/// Ends an account and computes its metrics in the order of `src/core/metrics.ts`. NaN: not computable; +Infinity:
/// unbounded, which only sortino, calmar and profit_factor can be. Also returns the holding that was still open.
pub fn finish(mut account: Account, tables: &Tables) -> ([f64; ROW], Option<Holding>) {
    let (open, equity) = account.end(tables);
    let capital = tables.execution.capital;
    let commission = tables.execution.commission;
    let bars = tables.bars() as f64;
    let span_days = tables.calendar.span_days();
    let years = span_days / DAYS_PER_YEAR;
    let moments = account.daily.finish(equity, tables.calendar.days());
    let drawdown = account.drawdown.finish(tables);
    let trades = &account.trades;
    let profits = &trades.profits;
    let count = f64::from(profits.count());
    let (mean_pnl, pnl_deviation) = (profits.mean(), (profits.squared_deviations() / (count - 1.0)).sqrt());
    let annual = DAYS_PER_YEAR.sqrt();

    let cagr =
        computable(span_days >= ANNUALISED_FROM_DAYS, || libm::pow(equity / capital, 1.0 / years) - 1.0);
    let varied = moments.days >= 2 && moments.deviation >= TOLERANCE;
    let grew = !cagr.is_nan() && equity / capital - 1.0 >= TOLERANCE;
    let rose = moments.days >= 2 && moments.mean > 0.0;
    let fell = moments.days >= 2 && moments.downside >= TOLERANCE;
    let traded = account.bought / (1.0 + commission) + account.sold / (1.0 - commission);
    let fees =
        account.bought * (commission / (1.0 + commission)) + account.sold * (commission / (1.0 - commission));
    let decided = f64::from(trades.wins + trades.losses);
    let scattered = profits.count() >= 2 && pnl_deviation >= TOLERANCE * mean_pnl.abs().max(1.0);

    let row = [
        finite(equity / capital - 1.0),
        cagr,
        computable(moments.days >= 2, || annual * moments.deviation),
        computable(varied, || annual * moments.mean / moments.deviation),
        over_losses(rose, fell, || annual * moments.mean / moments.downside),
        over_losses(grew, drawdown.depth > 0.0, || cagr / drawdown.depth),
        finite(drawdown.depth),
        drawdown.days,
        account.held_bars as f64 / bars,
        finite(traded / (account.equity_sum / bars) / years),
        count,
        computable(decided > 0.0, || f64::from(trades.wins) / decided),
        over_losses(trades.wins > 0, trades.losses > 0, || trades.gains / trades.lost),
        computable(profits.count() > 0, || trades.growth / count * (1.0 + commission)),
        computable(scattered, || count.sqrt() * mean_pnl / pnl_deviation),
        finite(fees),
        finite(equity),
    ];
    (row, open)
}

fn computable(holds: bool, value: impl FnOnce() -> f64) -> f64 {
    if holds { finite(value()) } else { NOT_COMPUTABLE }
}

/// A ratio of what was won to what was lost.
fn over_losses(won: bool, lost: bool, ratio: impl FnOnce() -> f64) -> f64 {
    if won && !lost { UNBOUNDED } else { computable(lost, ratio) }
}

/// An overflow is no figure.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { NOT_COMPUTABLE }
}
