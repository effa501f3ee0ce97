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
        let (bars, mut out) = skip_undefined(x.first(), bars, out);
        let mut bar = bars.start;
        while bar < bars.end {
            let offset = (bar - x.first()) % self.period;
            let length = (self.period - offset).min(bars.end - bar);
            let (values, rest) = out.split_at_mut(length);
            if bar - offset == x.first() {
                self.first_block(x.slice(bar..bar + length), offset, values);
            } else if length == self.period {
                self.whole_block(x.slice(bar - self.period..bar), x.slice(bar..bar + length), values);
            } else {
                if offset == 0 {
                    self.open_block(x.slice(bar - self.period..bar), x.at(bar));
                }
                self.part_of_block(x.slice(bar..bar + length), offset, values);
            }
            out = rest;
            bar += length;
        }
    }

    fn set_center(&mut self, x: f64) {
        self.center = if W::CENTERED { x } else { 0.0 };
    }

    /// In the first block only the last bar closes a window.
    fn first_block(&mut self, x: &[f64], offset: usize, out: &mut [f64]) {
        if offset == 0 {
            self.set_center(x[0]);
            self.last = W::EMPTY;
        }
        self.part_of_block(x, offset, out);
        let undefined = (self.lookback() - offset).min(out.len());
        out[..undefined].fill(f64::NAN);
    }

    fn open_block(&mut self, previous: &[f64], first: f64) {
        self.set_center(first);
        self.last = W::EMPTY;
        let mut part = W::EMPTY;
        for (slot, x) in self.older[..self.period].iter_mut().zip(previous).rev() {
            part = W::prepend(x - self.center, part);
            *slot = part;
        }
    }

    fn part_of_block(&mut self, x: &[f64], offset: usize, out: &mut [f64]) {
        let center = self.center;
        for ((value, x), older) in out.iter_mut().zip(x).zip(&self.older[offset + 1..]) {
            let y = x - center;
            self.last = W::append(self.last, y);
            *value = self.window.value(*older, self.last, y, center);
        }
    }

    /// `open_block` and `part_of_block` in one: both folds advance in the same loop, so that neither waits for the other.
    fn whole_block(&mut self, previous: &[f64], x: &[f64], out: &mut [f64]) {
        self.set_center(x[0]);
        let center = self.center;
        let (mut older, mut newer) = (W::EMPTY, W::EMPTY);
        let folds = self.older[..self.period].iter_mut().rev().zip(self.newer.iter_mut());
        for ((older_slot, newer_slot), (old, new)) in folds.zip(previous.iter().rev().zip(x)) {
            older = W::prepend(old - center, older);
            newer = W::append(newer, new - center);
            *older_slot = older;
            *newer_slot = newer;
        }
        for ((value, x), (older, newer)) in out.iter_mut().zip(x).zip(self.older[1..].iter().zip(&self.newer))
        {
            *value = self.window.value(*older, *newer, x - center, center);
        }
    }
}
