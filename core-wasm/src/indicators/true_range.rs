use super::Indicator;
use super::stretch::{first_defined, max_propagate_nan, min_propagate_nan, skip_undefined};
use crate::columns::View;
use std::ops::Range;

/// True range of a bar: its range, widened to the close of the bar before.
///
/// Inputs: high, low, close. Formula: `max(high[i], close[i-1]) - min(low[i], close[i-1])`, which is Wilder's
/// `max(high - low, |high - close[i-1]|, |low - close[i-1]|)` (1978), first on the second bar.
/// Units: those of the inputs. Lookback: 1. NaN: where one of the three values is NaN. Cost: O(1) per bar, no allocation.
#[derive(Default)]
pub struct TrueRange;

impl TrueRange {
    pub fn new() -> Self {
        Self
    }
}

impl Indicator<3> for TrueRange {
    fn history(&self) -> usize {
        1
    }

    fn lookback(&self) -> usize {
        1
    }

    fn extend(&mut self, inputs: [View<'_>; 3], bars: Range<usize>, out: &mut [f64]) {
        let (bars, out) = skip_undefined(first_defined(&inputs) + 1, bars, out);
        if bars.is_empty() {
            return;
        }
        let [high, low, close] = inputs;
        let before = close.slice(bars.start - 1..bars.end - 1);
        let (high, low) = (high.slice(bars.clone()), low.slice(bars));
        for (((value, high), low), before) in out.iter_mut().zip(high).zip(low).zip(before) {
            *value = max_propagate_nan(*high, *before) - min_propagate_nan(*low, *before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::testing::series;

    #[test]
    fn reaches_to_the_close_before() {
        let (high, low, close) = ([5.0, 4.0, 9.0, 3.0], [3.0, 2.0, 8.0, 2.0], [4.0, 3.0, 8.5, 2.5]);
        let out = series(TrueRange::new(), [&high, &low, &close]);
        assert!(out[0].is_nan());
        assert_eq!(out[1..], [2.0, 6.0, 6.5]);
    }
}
