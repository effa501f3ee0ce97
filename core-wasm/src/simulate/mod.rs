//! From signals to trades to the sums behind every metric, at a cost that follows trades and not bars.

mod account;
mod calendar;
mod daily;
mod drawdown;
mod expand;
mod extremes;
mod scan;
mod spread;
mod tables;

pub use account::{Account, Ending, TradeSums};
pub use daily::{DailyReturns, Moments, beyond_rounding};
pub use drawdown::{DeepestDrawdown, Drawdown};
pub use expand::{Expansion, expand};
pub use scan::scan;
pub use tables::Tables;

/// A held position: entered at the fill on bar `entry`, marked at the closes `entry .. exit`, sold at the fill on `exit`.
/// Bars count from the first judged bar. A position still open at the end has `exit` equal to the number of bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    pub entry: usize,
    pub exit: usize,
}
