//! The greatest 1 − E_t / peak_t over all bars. Positive ratio; 0 when there was none. Null only on overflow.
//! Differences: vectorbt does not count the initial capital as a peak, so a strategy that loses from its first trade shows
//! less; quantstats shows what its (usually daily) input shows and negative; backtesting.py uses bars and a negative
//! percentage; freqtrade uses closed trades, so a loss that recovers within a trade is invisible.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    computable(summary.known, || summary.drawdown.depth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::summary;

    #[test]
    fn is_the_depth_of_the_deepest() {
        assert_eq!(value(&summary()), 0.2);
    }

    #[test]
    fn is_null_where_equity_overflowed() {
        assert!(value(&Summary { known: false, ..summary() }).is_nan());
    }
}
