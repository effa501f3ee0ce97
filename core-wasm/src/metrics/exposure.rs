//! Bars with a position at their close / bars. Ratio. Never null.
//! Differences: vectorbt and backtesting.py mean the same; quantstats counts periods with a return other than 0 and rounds up
//! to the next percent.

use super::Summary;

pub fn value(summary: &Summary) -> f64 {
    summary.held_bars / summary.bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::summary;

    #[test]
    fn is_the_share_of_bars_with_a_position() {
        assert_eq!(value(&summary()), 0.4);
    }
}
