//! Closed round trips. Count. Never null.
//! Differences: vectorbt's records hold the open trade too (its report leaves it out); backtesting.py leaves it out unless
//! asked to close it at the end.

use super::Summary;

pub fn value(summary: &Summary) -> f64 {
    summary.trades.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::summary;

    #[test]
    fn counts_closed_round_trips() {
        assert_eq!(value(&summary()), 4.0);
    }
}
