//! Read access to a column of which only a stretch of bars is in memory.

use std::ops::Range;

/// The bars `[start, start + data.len())` of a column, addressed by absolute bar index.
///
/// `first` is the first bar on which the column is defined; every bar before it is NaN.
#[derive(Clone, Copy)]
pub struct View<'a> {
    data: &'a [f64],
    start: usize,
    first: usize,
}

impl<'a> View<'a> {
    pub fn new(data: &'a [f64], start: usize, first: usize) -> Self {
        Self { data, start, first }
    }

    /// First bar on which the column is defined.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Value on absolute bar `bar`. Panics outside the stretch in memory.
    #[inline(always)]
    pub fn at(&self, bar: usize) -> f64 {
        self.data[bar - self.start]
    }

    /// Values on the absolute bars `bars`. Panics outside the stretch in memory.
    #[inline(always)]
    pub fn slice(&self, bars: Range<usize>) -> &'a [f64] {
        &self.data[bars.start - self.start..bars.end - self.start]
    }
}
