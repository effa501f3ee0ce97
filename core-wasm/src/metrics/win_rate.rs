//! Wins / (wins + losses), where a win has growth above 1 and a loss below; trades that broke even are in neither. Ratio.
//! Null when there are no wins and no losses.
//! Differences: vectorbt, backtesting.py and freqtrade divide by all trades; quantstats counts periods
//! instead of trades and drops those without a return.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    let wins = f64::from(summary.trades.wins);
    let decided = f64::from(summary.trades.wins + summary.trades.losses);
    computable(summary.known && decided > 0.0, || wins / decided)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::summary;
    use crate::simulate::TradeSums;

    #[test]
    fn leaves_out_trades_that_broke_even() {
        let mut summary = summary();
        summary.trades.close(0.0, 0.0);
        assert_eq!(value(&summary), 0.75);
    }

    #[test]
    fn is_null_without_wins_and_losses() {
        assert!(value(&Summary { trades: TradeSums::default(), ..summary() }).is_nan());
    }
}
