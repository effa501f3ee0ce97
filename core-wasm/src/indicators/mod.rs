//! Indicators as streams: each is told its parameters once and then computes consecutive stretches of bars.
//!
//! The split of the bars into stretches never changes a bit of the result; a stretch of one bar is the live step.

mod ema;
mod extremes;
mod lag;
mod moments;
mod rate_of_change;
mod rolling;
mod rsi;
mod sma;
mod smoothing;
#[cfg(test)]
mod standing_still;
mod std_dev;
mod stretch;
#[cfg(test)]
mod testing;
mod ties;
#[cfg(test)]
mod ties_testing;
mod true_range;
mod wilder;
mod wma;
mod z_score;

pub use ema::Ema;
pub use extremes::{Highest, Lowest};
pub use lag::Lag;
pub use rate_of_change::RateOfChange;
pub use rsi::Rsi;
pub use sma::Sma;
pub use std_dev::StdDev;
pub use true_range::TrueRange;
pub use wilder::Wilder;
pub use wma::Wma;
pub use z_score::ZScore;

use crate::columns::View;
use std::ops::Range;

/// An indicator over `N` input columns.
pub trait Indicator<const N: usize> {
    /// Bars before `bars.start` that `extend` may read from its inputs.
    fn history(&self) -> usize;

    /// Bars from the inputs' first defined bar to this indicator's first defined bar.
    fn lookback(&self) -> usize;

    /// Bars from the first defined one on after which an unknown seed weighs less than `weight`: none but for recurrences, whose
    /// values depend on where history starts.
    fn settling(&self, _weight: f64) -> usize {
        0
    }

    /// Writes the absolute bars `bars` into `out`, continuing where the last call ended (the first call starts at bar 0).
    ///
    /// Shapes: `out.len() == bars.len()`. NaN before the first defined bar.
    fn extend(&mut self, inputs: [View<'_>; N], bars: Range<usize>, out: &mut [f64]);
}
