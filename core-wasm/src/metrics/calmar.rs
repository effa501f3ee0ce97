//! cagr / max_drawdown. Dimensionless. Null when cagr is null and when bust. Without a drawdown: unbounded if the
//! account grew, else null.
//! Source: Young, T. W. (1991), _Calmar Ratio: A Smoother Tool_, Futures 20(1); over the whole window, not 36 months.
//! Differences: vectorbt, quantstats, backtesting.py the same up to their cagr and drawdown; freqtrade divides mean daily
//! profit in percent by the drawdown and multiplies by √365.

use super::{Summary, cagr, over_losses};

pub fn value(summary: &Summary) -> f64 {
    let cagr = cagr::value(summary);
    let depth = summary.drawdown.depth;
    let grew = summary.solvent && !cagr.is_nan() && summary.growth() > 0.0;
    over_losses(grew, summary.solvent && depth > 0.0, || cagr / depth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};
    use crate::simulate::DeepestDrawdown;

    #[test]
    fn is_cagr_over_the_drawdown() {
        near(value(&summary()), 0.5);
    }

    #[test]
    fn is_unbounded_without_a_drawdown_if_the_account_grew() {
        let drawdown = || DeepestDrawdown { depth: 0.0, days: 0.0 };
        assert_eq!(value(&Summary { drawdown: drawdown(), ..summary() }), f64::INFINITY);
        assert!(value(&Summary { drawdown: drawdown(), equity: 1000.0, ..summary() }).is_nan());
    }
}
