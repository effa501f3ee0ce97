//! An account with round figures.

use super::Summary;
use crate::simulate::{DeepestDrawdown, Moments, TradeSums};

/// A year of 100 bars in which 1,000 became 1,100 in four trades, at a commission of a quarter.
pub fn summary() -> Summary {
    let mut trades = TradeSums::default();
    for (pnl, growth) in [(100.0, 0.1), (50.0, 0.05), (30.0, 0.03), (-80.0, -0.08)] {
        trades.close(pnl, growth);
    }
    Summary {
        capital: 1000.0,
        equity: 1100.0,
        commission: 0.25,
        bars: 100.0,
        days: 365.0,
        known: true,
        solvent: true,
        trades,
        bought: 5000.0,
        sold: 3000.0,
        held_bars: 40.0,
        equity_sum: 100_000.0,
        daily: Moments { days: 365, mean: 0.001, deviation: 0.01, downside: 0.005 },
        drawdown: DeepestDrawdown { depth: 0.2, days: 12.5 },
    }
}

/// Asserts that two figures differ by rounding only.
#[track_caller]
pub fn near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-12, "{found} is not {expected}");
}
