//! Σ size · price over all fills, the entry of an open position included, / mean(E_t over bars) / Y. Traded equities per
//! year. Null only when the mean equity is 0 or on overflow; large for short windows, since it is annualised without a minimum.
//! Differences: vectorbt, backtesting.py and quantstats report none.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    let commission = summary.commission;
    let traded = summary.bought / (1.0 + commission) + summary.sold / (1.0 - commission);
    computable(summary.known, || traded / (summary.equity_sum / summary.bars) / summary.years())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};

    #[test]
    fn counts_traded_equities_a_year() {
        near(value(&summary()), 8.0);
        near(value(&Summary { days: 730.0, ..summary() }), 4.0);
    }

    #[test]
    fn is_null_where_there_was_no_equity() {
        assert!(value(&Summary { equity_sum: 0.0, ..summary() }).is_nan());
    }
}
