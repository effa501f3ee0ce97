//! How long that deepest drawdown lasted: from its peak (the last instant at which equity stood at the peak before it fell,
//! the open time of the window for E_0) to the first bar close at which equity stood at the peak again, or to the last
//! bar's close if it never did. Days, fractions included. 0 when there was none. Null only on overflow.
//! Differences: backtesting.py's _Max. Drawdown Duration_ and vectorbt's _Max Drawdown Duration_ are those of the longest
//! drawdown, which need not be the deepest.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    computable(summary.known, || summary.drawdown.days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::summary;

    #[test]
    fn is_the_length_of_the_deepest() {
        assert_eq!(value(&summary()), 12.5);
    }

    #[test]
    fn is_null_where_equity_overflowed() {
        assert!(value(&Summary { known: false, ..summary() }).is_nan());
    }
}
