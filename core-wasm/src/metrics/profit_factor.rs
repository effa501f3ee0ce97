//! Σ pnl of wins / |Σ pnl of losses|, in money. Dimensionless; 0 with losses only. Null when bust. Without
//! a loss: unbounded if there is a win, else null.
//! Differences: vectorbt and freqtrade the same without the null rule; backtesting.py sums trade returns in percent, so
//! later trades of a grown account weigh as much as early ones; quantstats sums period returns.

use super::{Summary, over_losses};

pub fn value(summary: &Summary) -> f64 {
    let trades = &summary.trades;
    let (won, lost) = (summary.solvent && trades.wins > 0, summary.solvent && trades.losses > 0);
    over_losses(won, lost, || trades.gains / trades.lost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};
    use crate::simulate::TradeSums;

    #[test]
    fn is_money_won_over_money_lost() {
        near(value(&summary()), 2.25);
    }

    #[test]
    fn is_unbounded_without_a_loss_if_there_is_a_win() {
        let mut trades = TradeSums::default();
        assert!(value(&Summary { trades: TradeSums::default(), ..summary() }).is_nan());
        trades.close(1.0, 0.1);
        assert_eq!(value(&Summary { trades, ..summary() }), f64::INFINITY);
    }
}
