//! System quality number: √n · mean(pnl) / std(pnl, divisor n − 1) over the trades' pnl in money. Dimensionless.
//! Null for fewer than 2 trades, without a spread and when bust.
//! Source: Tharp, V. K. (2008), _Definitive Guide to Position Sizing_; he uses R-multiples, which need a stop.
//! Differences: vectorbt and backtesting.py the same, without the null rule for equal trades.

use super::{Summary, TOLERANCE, computable, finite};

pub fn value(summary: &Summary) -> f64 {
    let profits = &summary.trades.profits;
    let count = summary.trades.count();
    let deviation = finite((profits.squared_deviations() / (count - 1.0)).sqrt());
    let scattered = count >= 2.0 && deviation >= TOLERANCE * (summary.sold / count);
    computable(summary.solvent && scattered, || count.sqrt() * profits.mean() / deviation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};
    use crate::simulate::TradeSums;

    #[test]
    fn is_the_mean_pnl_over_its_standard_error() {
        near(value(&summary()), 2.0 * 25.0 / (17_300.0f64 / 3.0).sqrt());
    }

    #[test]
    fn is_null_for_trades_that_made_the_same() {
        let mut trades = TradeSums::default();
        trades.close(10.0, 0.1);
        trades.close(10.0, 0.1);
        assert!(value(&Summary { trades, ..summary() }).is_nan());
    }
}
