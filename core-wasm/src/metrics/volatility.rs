//! √A · std(r, divisor N − 1) of the daily returns. Ratio per year. Null for fewer than 2 days and when
//! bust; 0 without a spread.
//! Differences: vectorbt takes bar returns; quantstats √252; backtesting.py compounds the variance,
//! √((var + (1 + g)²)^A − (1 + g)^(2A)) with the geometric mean g.

use super::{Summary, annual_root, computable};

pub fn value(summary: &Summary) -> f64 {
    computable(summary.has_daily_returns(), || {
        if summary.is_still() { 0.0 } else { annual_root() * summary.daily.deviation }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};
    use crate::simulate::Moments;

    #[test]
    fn is_the_annual_deviation_of_daily_returns() {
        near(value(&summary()), 365f64.sqrt() * 0.01);
    }

    #[test]
    fn is_zero_without_a_spread_and_null_without_two_days() {
        let daily = Moments { deviation: 1e-13, ..summary().daily };
        assert_eq!(value(&Summary { daily, ..summary() }), 0.0);
        let daily = Moments { days: 1, ..summary().daily };
        assert!(value(&Summary { daily, ..summary() }).is_nan());
    }
}
