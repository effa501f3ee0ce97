//! What stays the same for all points of a run: candles and the judged window.

use crate::error::KernelError;
use std::ops::Range;
use std::rc::Rc;

/// Bars per stretch: 64 words of 64 bars, so that one word of bits summarises a stretch.
pub const STRETCH: usize = 4096;

/// Candle columns in the order of their codes.
pub const CANDLE_COLUMNS: usize = 5;
pub const OPEN: usize = 0;
pub const CLOSE: usize = 3;

/// Candles of one series as columns padded with NaN to whole stretches.
pub struct Candles {
    bars: usize,
    interval_ms: f64,
    columns: [Rc<Vec<f64>>; CANDLE_COLUMNS],
    open_time: Vec<f64>,
}

impl Candles {
    /// Candles of `bars` bars without any column yet.
    pub fn new(bars: usize, interval_ms: f64) -> Self {
        Self { bars, interval_ms, columns: Default::default(), open_time: Vec::new() }
    }

    pub fn bars(&self) -> usize {
        self.bars
    }

    /// Length of a candle in milliseconds.
    pub fn interval_ms(&self) -> f64 {
        self.interval_ms
    }

    /// Space for column `code`, one value per bar, to be filled by the caller.
    pub fn column_mut(&mut self, code: usize) -> &mut [f64] {
        let padded = self.bars.next_multiple_of(STRETCH);
        let column = Rc::make_mut(&mut self.columns[code]);
        column.resize(padded, f64::NAN);
        &mut column[..self.bars]
    }

    /// Space for the open times in epoch milliseconds.
    pub fn open_time_mut(&mut self) -> &mut [f64] {
        self.open_time.resize(self.bars, 0.0);
        &mut self.open_time
    }

    /// Column `code`, padded with NaN to whole stretches.
    ///
    /// # Errors
    /// `ColumnMissing` when it was not uploaded.
    pub fn column(&self, code: usize) -> Result<&Rc<Vec<f64>>, KernelError> {
        match self.columns.get(code) {
            Some(column) if column.len() >= self.bars && self.bars > 0 => Ok(column),
            _ => Err(KernelError::ColumnMissing),
        }
    }

    /// Gives the open times away: they are needed once, and their memory is better used for what is made of them.
    ///
    /// # Errors
    /// `ColumnMissing` when the times were not uploaded.
    pub fn take_open_time(&mut self) -> Result<Vec<f64>, KernelError> {
        let open_time = std::mem::take(&mut self.open_time);
        if open_time.len() == self.bars { Ok(open_time) } else { Err(KernelError::ColumnMissing) }
    }

    /// # Errors
    /// `WindowOutOfRange` when it is empty or ends after the last bar.
    pub fn check_window(&self, window: &Range<usize>) -> Result<(), KernelError> {
        if window.start < window.end && window.end <= self.bars {
            Ok(())
        } else {
            Err(KernelError::WindowOutOfRange)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_window_without_bars_or_beyond_them() {
        let candles = Candles::new(10, 60_000.0);
        assert_eq!(candles.check_window(&(0..10)), Ok(()));
        for window in [3..3, 0..11, 10..10] {
            assert_eq!(candles.check_window(&window), Err(KernelError::WindowOutOfRange));
        }
    }
}
