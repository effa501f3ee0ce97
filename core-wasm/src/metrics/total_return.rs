//! E_end / E_0 − 1. Ratio. Null only on overflow. An open position is valued at the last close.
//! Differences: none with vectorbt and backtesting.py; freqtrade's is of closed trades.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    computable(summary.known, || summary.growth())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};

    #[test]
    fn is_what_the_account_grew_by() {
        near(value(&summary()), 0.1);
    }

    #[test]
    fn is_zero_where_equity_differs_by_rounding() {
        let same = 1000.0 * (1.0 + 1e-13);
        assert_eq!(value(&Summary { equity: same, ..summary() }), 0.0);
    }

    #[test]
    fn is_null_where_equity_overflowed() {
        assert!(value(&Summary { known: false, ..summary() }).is_nan());
    }
}
