use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// How the values of a window fold into one figure.
pub(super) trait Window {
    /// What is known about some consecutive values of the window.
    type Part: Copy;

    /// The part of no values.
    const EMPTY: Self::Part;

    /// Whether values enter as differences from a value of the window. Sums stay small then, and a flat window is exact.
    const CENTERED: bool;

    /// `part` and one newer value.
    fn append(part: Self::Part, y: f64) -> Self::Part;

    /// One older value and `part`.
    fn prepend(y: f64, part: Self::Part) -> Self::Part;

    /// The figure of the window that consists of `older` and `newer`; `y` is its newest value, all values are less `center`.
    fn value(&self, older: Self::Part, newer: Self::Part, y: f64, center: f64) -> f64;
}

/// A figure of the last `period` values at a constant cost per bar, without ever taking a value out of a sum.
///
/// The bars from the input's first defined one are cut into blocks of `period` bars. The window that ends in a block is a
/// suffix of the block before and a prefix of this one; both are running folds. So nothing drifts, a NaN or an infinity is
/// forgotten as soon as it leaves the window, and the bits depend on the position of the blocks only, not on the stretches.
/// Source: van Herk (1992), Gil and Werman (1993), for extremes; any fold that joins two parts works.
///
/// Cost: O(1) per bar on average (a block's first bar folds the block before), memory O(period).
pub(super) struct Rolling<W: Window> {
    period: usize,
    window: W,
    /// `older[j]`: the previous block from its bar `j` on. One longer than a block: the last part is empty.
    older: Vec<W::Part>,
    /// The current block up to each of its bars; scratch of `whole_block`.
    newer: Vec<W::Part>,
    /// The current block up to the last bar seen.
    last: W::Part,
    center: f64,
}

impl<W: Window> Rolling<W> {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub(super) fn new(period: usize, window: W) -> Result<Self, KernelError> {
        if period == 0 {
            return Err(KernelError::PeriodZero);
        }
        let older = vec![W::EMPTY; period + 1];
        let newer = vec![W::EMPTY; period];
        Ok(Self { period, window, older, newer, last: W::EMPTY, center: 0.0 })
    }

    pub(super) fn history(&self) -> usize {
        self.period
    }

    pub(super) fn lookback(&self) -> usize {
        self.period - 1
    }

    pub(super) fn extend(&mut self, x: View<'_>, bars: Range<usize>, out: &mut [f64]) {
        let (bars, out) = skip_undefined(x.first(), bars, out);
        if bars.is_empty() {
            return;
        }
        let offset = (bars.start - x.first()) % self.period;
        let head = if offset == 0 { 0 } else { (self.period - offset).min(out.len()) };
        let (out, rest) = out.split_at_mut(head);
        self.block(x, bars.start, offset, out);
        let (bar, out) = (bars.start + head, rest);
        let first = if bar == x.first() { self.period.min(out.len()) } else { 0 };
        let (out, rest) = out.split_at_mut(first);
        self.block(x, bar, 0, out);
        let (bar, out) = (bar + first, rest);
        let whole = out.len() - out.len() % self.period;
        let (out, rest) = out.split_at_mut(whole);
        self.whole_blocks(x, bar, out);
        self.block(x, bar + whole, 0, rest);
    }

    /// Bars of one block, from its bar `offset` on; `bar` is their absolute start. In the first block only the last bar closes a window.
    fn block(&mut self, x: View<'_>, bar: usize, offset: usize, out: &mut [f64]) {
        if out.is_empty() {
            return;
        }
        let is_first = bar - offset == x.first();
        if offset == 0 {
            let previous = if is_first { &[] } else { x.slice(bar - self.period..bar) };
            self.open_block(previous, x.at(bar));
        }
        self.part_of_block(x.slice(bar..bar + out.len()), offset, out);
        if is_first {
            let undefined = (self.lookback() - offset).min(out.len());
            out[..undefined].fill(f64::NAN);
        }
    }

    fn set_center(&mut self, x: f64) {
        self.center = if W::CENTERED { x } else { 0.0 };
    }

    #[inline(always)]
    fn open_block(&mut self, previous: &[f64], first: f64) {
        self.set_center(first);
        self.last = W::EMPTY;
        let mut part = W::EMPTY;
        for (slot, x) in self.older[..self.period].iter_mut().zip(previous).rev() {
            part = W::prepend(x - self.center, part);
            *slot = part;
        }
    }

    #[inline(always)]
    fn part_of_block(&mut self, x: &[f64], offset: usize, out: &mut [f64]) {
        let center = self.center;
        for ((value, x), older) in out.iter_mut().zip(x).zip(&self.older[offset + 1..]) {
            let y = x - center;
            self.last = W::append(self.last, y);
            *value = self.window.value(*older, self.last, y, center);
        }
    }

    /// Blocks that are in `out` as a whole, but not the first block.
    fn whole_blocks(&mut self, x: View<'_>, bar: usize, out: &mut [f64]) {
        if out.is_empty() {
            return;
        }
        let period = self.period;
        let previous = x.slice(bar - period..bar + out.len() - period).chunks_exact(period);
        let current = x.slice(bar..bar + out.len()).chunks_exact(period);
        for ((out, previous), x) in out.chunks_exact_mut(period).zip(previous).zip(current) {
            self.whole_block(previous, x, out);
        }
    }

    /// `open_block` and `part_of_block` in one: both folds advance in the same loop, so that neither waits for the other.
    #[inline(always)]
    fn whole_block(&mut self, previous: &[f64], x: &[f64], out: &mut [f64]) {
        let period = self.period;
        let center = if W::CENTERED { x[0] } else { 0.0 };
        let (older, newer) = (&mut self.older[..period + 1], &mut self.newer[..period]);
        let (previous, x, out) = (&previous[..period], &x[..period], &mut out[..period]);
        let (mut older_part, mut newer_part) = (W::EMPTY, W::EMPTY);
        for j in 0..period {
            older_part = W::prepend(previous[period - 1 - j] - center, older_part);
            newer_part = W::append(newer_part, x[j] - center);
            older[period - 1 - j] = older_part;
            newer[j] = newer_part;
        }
        for j in 0..period {
            out[j] = self.window.value(older[j + 1], newer[j], x[j] - center, center);
        }
    }
}
