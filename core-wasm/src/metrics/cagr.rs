//! Compound annual growth: (E_end / E_0)^(1/Y) − 1. Ratio per year.
//! Null when the window is shorter than 30 days: annualising a week is noise.
//! Differences: vectorbt raises growth to 365 days over the number of bars; backtesting.py counts 365.25 days a year;
//! quantstats counts rows / 252 unless told otherwise, which shows a 24/7 market as if it had 1.45 times its years;
//! freqtrade uses days / 365. None of them refuses a short window.

use super::{Summary, computable};

/// Growth over less than this many days is not annualised.
const DAYS_MIN: f64 = 30.0;

pub fn value(summary: &Summary) -> f64 {
    computable(summary.known && summary.days >= DAYS_MIN, || {
        let factor = summary.equity / summary.capital;
        if summary.growth() == 0.0 { 0.0 } else { libm::pow(factor, 1.0 / summary.years()) - 1.0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};

    #[test]
    fn compounds_to_the_growth_over_the_window() {
        near(value(&Summary { days: 730.0, ..summary() }), 1.1f64.sqrt() - 1.0);
    }

    #[test]
    fn is_null_for_a_short_window() {
        assert!(value(&Summary { days: 29.9, ..summary() }).is_nan());
        assert!(value(&Summary { days: 30.0, ..summary() }) > 2.0);
    }
}
