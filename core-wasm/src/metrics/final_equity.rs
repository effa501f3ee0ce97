//! E_end, the equity at the last bar's close. Money. Null only on overflow. No selling fee is assumed for an open position.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    computable(summary.known, || summary.equity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::summary;

    #[test]
    fn is_the_equity_at_the_last_close() {
        assert_eq!(value(&summary()), 1100.0);
    }

    #[test]
    fn is_null_where_equity_overflowed() {
        assert!(value(&Summary { known: false, ..summary() }).is_nan());
    }
}
