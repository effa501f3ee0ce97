//! Maximum drawdown at bar resolution, and how long it lasted, from range extremes instead of an equity curve.

use super::Holding;
use super::tables::Tables;
use crate::metrics::TOLERANCE;

/// Where in time something happened, to be located exactly only if it turns out to matter.
#[derive(Clone, Copy)]
enum Mark {
    /// At the close of this bar; -1 is the start of the window.
    At(i64),
    /// While this many units were held over these bars: where their value stood at `level`.
    Within { holding: Holding, size: f64, level: f64 },
    /// Not until the end of the window.
    Never,
}

/// Equity of at least this fraction of its peak stands at the peak.
const AT_PEAK: f64 = 1.0 - TOLERANCE;

/// The deepest drawdown so far and the one that is still open.
///
/// A drawdown runs from the last point at a peak of equity to the first point at that peak again. It replaces the deepest
/// one so far when it is deeper by the tolerance, so that of equally deep ones the first counts.
pub struct Drawdown {
    /// Highest equity so far, and the least equity that stands at it.
    peak: f64,
    at_peak: f64,
    peak_at: Mark,
    /// Lowest equity since the peak.
    lowest: f64,
    /// Lowest equity as a fraction of its peak, of the deepest drawdown that ended.
    deepest: f64,
    /// What that fraction must come down to in order to be deeper.
    deeper: f64,
    deepest_from: Mark,
    deepest_to: Mark,
}

/// The finished figures: depth as a ratio, duration in days.
pub struct DeepestDrawdown {
    pub depth: f64,
    pub days: f64,
}

impl Drawdown {
    pub fn new(capital: f64) -> Self {
        Self {
            peak: capital,
            at_peak: capital * AT_PEAK,
            peak_at: Mark::At(-1),
            lowest: capital,
            deepest: 1.0,
            deeper: AT_PEAK,
            deepest_from: Mark::At(-1),
            deepest_to: Mark::At(-1),
        }
    }

    /// Takes in the closes of a holding of `size` units bought with `cash`.
    #[inline(always)]
    pub fn hold(&mut self, tables: &Tables, holding: Holding, size: f64, cash: f64) {
        if cash >= self.at_peak {
            self.peak_at = Mark::At(holding.entry as i64 - 1);
        }
        let range = tables.extremes.range(tables.closes(), holding.entry, holding.exit - 1);
        let (high, low) = (size * range.highest(), size * range.lowest());
        if high < self.at_peak {
            self.fall(low);
            return;
        }
        let peak = if high > self.peak { high } else { self.peak };
        if low > self.deeper * peak {
            // No fall inside this holding can be the deepest one, so only its peak counts.
            let recovered = Mark::Within { holding, size, level: self.at_peak };
            self.rise(peak, Mark::Within { holding, size, level: peak * AT_PEAK }, recovered);
        } else {
            self.walk(tables, holding, size);
        }
    }

    /// Takes in equity of `equity` at the close of bar `bar`.
    #[inline(always)]
    pub fn settle(&mut self, equity: f64, bar: usize) {
        if equity >= self.at_peak {
            let peak = if equity > self.peak { equity } else { self.peak };
            self.rise(peak, Mark::At(bar as i64), Mark::At(bar as i64));
        } else {
            self.fall(equity);
        }
    }

    /// Takes in that equity is 0 from here on: no drawdown is as deep, and it does not end.
    pub fn lose_everything(&mut self) {
        self.lowest = 0.0;
        self.deepest = 1.0;
        self.deeper = AT_PEAK;
    }

    fn walk(&mut self, tables: &Tables, holding: Holding, size: f64) {
        for bar in holding.entry..holding.exit {
            let equity = size * tables.closes()[bar];
            self.settle(equity, bar);
        }
    }

    #[inline(always)]
    fn fall(&mut self, equity: f64) {
        if equity < self.lowest {
            self.lowest = equity;
        }
    }

    /// Ends the open drawdown at its peak or a new one.
    #[inline(always)]
    fn rise(&mut self, peak: f64, peak_at: Mark, recovered: Mark) {
        if self.lowest <= self.deeper * self.peak {
            self.record(recovered);
        }
        self.peak = peak;
        self.at_peak = peak * AT_PEAK;
        self.peak_at = peak_at;
        self.lowest = peak;
    }

    fn record(&mut self, recovered: Mark) {
        self.deepest = self.lowest / self.peak;
        self.deeper = self.deepest - TOLERANCE;
        self.deepest_from = self.peak_at;
        self.deepest_to = recovered;
    }

    /// Ends the window.
    pub fn finish(mut self, tables: &Tables) -> DeepestDrawdown {
        if self.lowest <= self.deeper * self.peak {
            self.record(Mark::Never);
        }
        let from = locate(tables, self.deepest_from, Side::Last);
        let to = locate(tables, self.deepest_to, Side::First);
        let calendar = &tables.calendar;
        DeepestDrawdown {
            depth: 1.0 - self.deepest,
            days: calendar.days_until_close(to) - calendar.days_until_close(from),
        }
    }
}

/// Which of several bars at or above a level is meant.
#[derive(Clone, Copy)]
enum Side {
    First,
    Last,
}

fn locate(tables: &Tables, mark: Mark, side: Side) -> i64 {
    match mark {
        Mark::At(bar) => bar,
        Mark::Never => tables.bars() as i64 - 1,
        Mark::Within { holding, size, level } => {
            let closes = &tables.closes()[holding.entry..holding.exit];
            let reaches = |close: &f64| size * close >= level;
            let offset = match side {
                Side::First => closes.iter().position(reaches),
                Side::Last => closes.iter().rposition(reaches),
            };
            // The level was an extreme of these very products, so it is reached.
            (holding.entry + offset.unwrap_or(0)) as i64
        }
    }
}
