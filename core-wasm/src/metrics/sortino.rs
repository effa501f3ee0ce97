//! √A · mean(r) / √(Σ min(r, 0)² / N), over all N days. Dimensionless, per √year.
//! Null for fewer than 2 days and when bust. Without a losing day: unbounded if the mean is above 0, else null.
//! Source: Sortino, F. A. and Price, L. N. (1994), _Performance Measurement in a Downside Risk Framework_, Journal of
//! Investing 3(3); the target return is 0.
//! Differences: vectorbt the same on bar returns; quantstats the same with 252; backtesting.py has the compound annual return
//! as numerator; freqtrade takes the deviation of losing trades around their own mean, which rewards equal losses.

use super::{Summary, annual_root, over_losses};

pub fn value(summary: &Summary) -> f64 {
    let daily = &summary.daily;
    let rose = summary.has_daily_returns() && daily.mean > 0.0;
    let fell = summary.has_daily_returns() && daily.downside > 0.0;
    over_losses(rose, fell, || annual_root() * daily.mean / daily.downside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};
    use crate::simulate::Moments;

    #[test]
    fn is_the_annual_mean_over_the_downside() {
        near(value(&summary()), 365f64.sqrt() * 0.2);
    }

    #[test]
    fn is_unbounded_without_a_losing_day_if_the_mean_is_above_0() {
        let daily = Moments { downside: 0.0, ..summary().daily };
        assert_eq!(value(&Summary { daily, ..summary() }), f64::INFINITY);
        let daily = Moments { downside: 0.0, mean: 0.0, ..summary().daily };
        assert!(value(&Summary { daily, ..summary() }).is_nan());
    }
}
