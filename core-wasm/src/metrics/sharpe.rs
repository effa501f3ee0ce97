//! √A · mean(r) / std(r, divisor N − 1) of the daily returns. Dimensionless, per √year.
//! Null for fewer than 2 days, without a spread and when bust.
//! Source: Sharpe, W. F. (1994), _The Sharpe Ratio_, Journal of Portfolio Management 21(1).
//! Differences: vectorbt takes bar returns, so the same strategy changes its ratio with the interval; quantstats √252;
//! backtesting.py divides the compound annual return by its compound volatility; freqtrade divides the sum of trade profits
//! per day by the deviation (divisor n) of trades, which ignores how equity moved in between.

use super::{Summary, annual_root, computable};

pub fn value(summary: &Summary) -> f64 {
    computable(summary.has_daily_returns() && !summary.is_still(), || {
        annual_root() * summary.daily.mean / summary.daily.deviation
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};
    use crate::simulate::Moments;

    #[test]
    fn is_the_annual_mean_over_the_annual_deviation() {
        near(value(&summary()), 365f64.sqrt() * 0.1);
    }

    #[test]
    fn is_null_without_a_spread_and_when_bust() {
        let daily = Moments { deviation: 1e-13, ..summary().daily };
        assert!(value(&Summary { daily, ..summary() }).is_nan());
        assert!(value(&Summary { solvent: false, ..summary() }).is_nan());
    }
}
