//! Mean of the trades' returns, pnl / (size · entry price) each. Ratio. Null without trades.
//! Differences: backtesting.py the same in percent; vectorbt and freqtrade report mean money per trade as p·W − (1 − p)·L,
//! where a break-even trade counts as a loss in p but not in L.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    let count = summary.trades.count();
    computable(summary.known && count > 0.0, || summary.trades.growth / count * (1.0 + summary.commission))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};
    use crate::simulate::TradeSums;

    #[test]
    fn is_the_mean_return_on_the_price_paid() {
        near(value(&summary()), 0.025 * 1.25);
    }

    #[test]
    fn is_null_without_trades() {
        assert!(value(&Summary { trades: TradeSums::default(), ..summary() }).is_nan());
    }
}
