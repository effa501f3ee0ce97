//! What all points of a run share, prepared once: prices, range extremes, running sums, days.

use super::Holding;
use super::calendar::Calendar;
use super::extremes::RangeExtremes;
use crate::error::KernelError;
use crate::execution::{Execution, Fill};
use crate::market::{CLOSE, Candles, OPEN};
use std::ops::Range;
use std::rc::Rc;

/// Mean price of a range, as a fraction of the mean price up to its end, below which its sum is taken bar by bar.
const FALLEN: f64 = 0.125;

/// Prices and aggregates of the judged bars. All bar indices count from the first judged bar.
pub struct Tables {
    window: Range<usize>,
    /// Whole candle columns, shared with the candles.
    fills: Rc<Vec<f64>>,
    closes: Rc<Vec<f64>>,
    /// `close_sums[i]` is the sum of the closes before bar `i`.
    close_sums: Vec<f64>,
    pub extremes: RangeExtremes,
    pub calendar: Calendar,
    pub execution: Execution,
    /// Bars from a signal to its fill.
    pub delay: usize,
    /// Cash spent per unit of base at a fill price of 1: slippage and commission included.
    pub buy_cost: f64,
    /// Cash received per unit of base at a fill price of 1.
    pub sell_yield: f64,
}

impl Tables {
    /// # Errors
    /// `WindowOutOfRange`, `ExecutionInvalid`, or `ColumnMissing` when a price column was not uploaded.
    pub fn new(
        candles: &mut Candles,
        window: Range<usize>,
        execution: Execution,
    ) -> Result<Self, KernelError> {
        candles.check_window(&window)?;
        execution.check()?;
        let open_time = candles.take_open_time()?;
        let (fill_column, delay) = match execution.fill {
            Fill::NextOpen => (OPEN, 1),
            Fill::Close => (CLOSE, 0),
        };
        let fills = Rc::clone(candles.column(fill_column)?);
        let close_column = Rc::clone(candles.column(CLOSE)?);
        let closes = &close_column[window.clone()];
        let calendar = Calendar::new(&open_time[window.clone()], closes, candles.interval_ms())?;
        drop(open_time);
        Ok(Self {
            close_sums: running_sums(closes),
            extremes: RangeExtremes::new(closes),
            calendar,
            fills,
            closes: close_column,
            window,
            execution,
            delay,
            buy_cost: (1.0 + execution.slippage) * (1.0 + execution.commission),
            sell_yield: (1.0 - execution.slippage) * (1.0 - execution.commission),
        })
    }

    /// Number of judged bars.
    pub fn bars(&self) -> usize {
        self.window.len()
    }

    /// The judged bars as indices into the candles.
    pub fn window(&self) -> Range<usize> {
        self.window.clone()
    }

    #[inline(always)]
    pub fn fill(&self, bar: usize) -> f64 {
        self.fills[self.window.start + bar]
    }

    /// Units of base that one unit of cash buys at the fill on `bar`, slippage and commission paid.
    #[inline(always)]
    pub fn units_per_cash(&self, bar: usize) -> f64 {
        1.0 / (self.fill(bar) * self.buy_cost)
    }

    /// Cash after a round trip per unit of cash before it. Exactly 1 when it costs nothing and ends where it began.
    #[inline(always)]
    pub fn growth(&self, holding: Holding) -> f64 {
        self.fill(holding.exit) * self.sell_yield / (self.fill(holding.entry) * self.buy_cost)
    }

    pub fn closes(&self) -> &[f64] {
        &self.closes[self.window.clone()]
    }

    /// Sum of the closes of the bars `from .. to`.
    ///
    /// A difference of running sums, unless prices have fallen so far below those before that it would lose digits.
    #[inline(always)]
    pub fn close_sum(&self, from: usize, to: usize) -> f64 {
        let so_far = self.close_sums[to];
        let sum = so_far - self.close_sums[from];
        if sum * (to as f64) < so_far * (to - from) as f64 * FALLEN { self.walk(from, to) } else { sum }
    }

    #[cold]
    fn walk(&self, from: usize, to: usize) -> f64 {
        self.closes()[from..to].iter().sum()
    }
}

/// Sums of all values before each index; rounding errors are carried along and not accumulated.
fn running_sums(values: &[f64]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    let (mut sum, mut error) = (0.0f64, 0.0f64);
    sums.push(0.0);
    for &value in values {
        let next = sum + value;
        let part = next - sum;
        error += (sum - (next - part)) + (value - part);
        sum = next;
        sums.push(sum + error);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_closes_exactly_after_a_collapse_of_prices() {
        let bars = 2000;
        let closes: Vec<f64> =
            (0..bars).map(|bar| if bar < 1000 { 80.3 } else { 6e-6 + bar as f64 * 1e-9 }).collect();
        let mut candles = Candles::new(bars, 60_000.0);
        candles.column_mut(CLOSE).copy_from_slice(&closes);
        candles.open_time_mut().iter_mut().enumerate().for_each(|(bar, time)| *time = bar as f64 * 60_000.0);
        let execution = Execution { fill: Fill::Close, commission: 0.0, slippage: 0.0, initial_capital: 1.0 };
        let tables = Tables::new(&mut candles, 0..bars, execution).unwrap();
        for (from, to) in [(0, 10), (990, 1010), (1500, 1540), (1999, 2000)] {
            let direct: f64 = closes[from..to].iter().sum();
            assert!((tables.close_sum(from, to) / direct - 1.0).abs() < 1e-13, "{from}..{to}");
        }
    }
}
