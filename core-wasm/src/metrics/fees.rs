//! All commissions paid, the entry of an open position included. Money. Null only on overflow. Slippage is in prices, not here.

use super::{Summary, computable};

pub fn value(summary: &Summary) -> f64 {
    let commission = summary.commission;
    let buying = summary.bought * (commission / (1.0 + commission));
    let selling = summary.sold * (commission / (1.0 - commission));
    computable(summary.known, || buying + selling)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{near, summary};

    #[test]
    fn adds_the_fees_of_both_sides() {
        near(value(&summary()), 1000.0 + 1000.0);
    }

    #[test]
    fn is_null_where_equity_overflowed() {
        assert!(value(&Summary { known: false, ..summary() }).is_nan());
    }
}
