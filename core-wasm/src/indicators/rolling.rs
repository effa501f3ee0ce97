use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use std::ops::Range;

/// Blocks that are folded side by side.
const LANES: usize = 2;

/// Bars of short blocks that are folded before their figures are written: what was just stored is slow to load in pairs.
const BATCH: usize = 256;

/// Blocks above this length, in bars, are folded one by one.
const LONG: usize = 4_096;

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
    /// `older[j]`: the previous block after its bar `j`; the last part is empty. Continued for each whole block of a batch.
    older: Vec<W::Part>,
    /// The current block up to its bar `j`; scratch of `whole_blocks`.
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
        let (older, newer) = (Vec::new(), Vec::new());
        Ok(Self { period, window, older, newer, last: W::EMPTY, center: 0.0 })
    }

    pub(super) fn history(&self) -> usize {
        self.period
    }

    pub(super) fn lookback(&self) -> usize {
        self.period - 1
    }

    /// The rest of a block that began before (or of the first block, which has none before it), whole blocks, and the start of one more.
    pub(super) fn extend(&mut self, x: View<'_>, bars: Range<usize>, out: &mut [f64]) {
        let (bars, out) = skip_undefined(x.first(), bars, out);
        if bars.is_empty() {
            return;
        }
        self.allocate();
        let offset = (bars.start - x.first()) % self.period;
        let begun = offset > 0 || bars.start == x.first();
        let head = if begun { (self.period - offset).min(out.len()) } else { 0 };
        let whole = (out.len() - head) / self.period * self.period;
        let (begun_block, out) = out.split_at_mut(head);
        let (whole_blocks, last_block) = out.split_at_mut(whole);
        let start = bars.start + head;
        self.block(x, bars.start, offset, begun_block);
        self.whole_blocks(x, start, whole_blocks);
        self.block(x, start + whole, 0, last_block);
    }

    /// On the first bar and not before: an indicator that is only asked for its lookback costs no memory.
    fn allocate(&mut self) {
        let parts = batch_blocks(self.period) * self.period;
        self.older.resize(parts, W::EMPTY);
        self.newer.resize(parts, W::EMPTY);
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

    /// Folds the previous block, which is empty before the first one.
    fn open_block(&mut self, previous: &[f64], first: f64) {
        self.center = center_of::<W>(first);
        self.last = W::EMPTY;
        let mut part = W::EMPTY;
        for (slot, x) in self.older[..previous.len()].iter_mut().zip(previous).rev() {
            *slot = part;
            part = W::prepend(x - self.center, part);
        }
    }

    fn part_of_block(&mut self, x: &[f64], offset: usize, out: &mut [f64]) {
        let center = self.center;
        for ((value, x), older) in out.iter_mut().zip(x).zip(&self.older[offset..self.period]) {
            let y = x - center;
            self.last = W::append(self.last, y);
            *value = self.window.value(*older, self.last, y, center);
        }
    }

    /// The blocks that are in `out` as a whole, but not the first block. First the folds of a batch of blocks, several blocks
    /// side by side so that none waits for its own last step, then the figures.
    fn whole_blocks(&mut self, x: View<'_>, bar: usize, out: &mut [f64]) {
        let period = self.period;
        let mut start = bar;
        for out in out.chunks_mut(batch_blocks(period) * period) {
            let x = x.slice(start - period..start + out.len());
            let blocks = out.len() / period;
            let beside = blocks - blocks % LANES;
            for block in (0..beside).step_by(LANES) {
                self.fold_blocks::<LANES>(x, block);
            }
            for block in beside..blocks {
                self.fold_blocks::<1>(x, block);
            }
            self.values(&x[period..], out);
            start += out.len();
        }
    }

    /// Folds both sides of `L` blocks from block `block` on. `x` begins one block before.
    #[inline(always)]
    fn fold_blocks<const L: usize>(&mut self, x: &[f64], block: usize) {
        let period = self.period;
        let lanes = block * period..(block + L) * period;
        let previous = lanes_of::<L, _>(x[lanes.clone()].chunks_exact(period));
        let current = lanes_of::<L, _>(x[lanes.start + period..lanes.end + period].chunks_exact(period));
        let older = lanes_of::<L, _>(self.older[lanes.clone()].chunks_exact_mut(period));
        let newer = lanes_of::<L, _>(self.newer[lanes].chunks_exact_mut(period));
        let centers = current.map(|x| center_of::<W>(x[0]));
        let (mut older_part, mut newer_part) = ([W::EMPTY; L], [W::EMPTY; L]);
        for j in 0..period {
            let mirrored = period - 1 - j;
            for lane in 0..L {
                older[lane][mirrored] = older_part[lane];
                older_part[lane] = W::prepend(previous[lane][mirrored] - centers[lane], older_part[lane]);
                newer_part[lane] = W::append(newer_part[lane], current[lane][j] - centers[lane]);
                newer[lane][j] = newer_part[lane];
            }
        }
    }

    fn values(&self, x: &[f64], out: &mut [f64]) {
        let period = self.period;
        let parts = self.older.chunks_exact(period).zip(self.newer.chunks_exact(period));
        for ((out, x), (older, newer)) in out.chunks_exact_mut(period).zip(x.chunks_exact(period)).zip(parts)
        {
            let center = center_of::<W>(x[0]);
            for (((value, x), older), newer) in out.iter_mut().zip(x).zip(older).zip(newer) {
                *value = self.window.value(*older, *newer, x - center, center);
            }
        }
    }
}

fn center_of<W: Window>(first: f64) -> f64 {
    if W::CENTERED { first } else { 0.0 }
}

/// Blocks that `whole_blocks` takes at once: a multiple of `LANES`, and about `BATCH` bars; one where memory matters more.
fn batch_blocks(period: usize) -> usize {
    if period > LONG { 1 } else { (BATCH / period).next_multiple_of(LANES).max(LANES) }
}

/// The first `L` items. There are as many: the slices that are cut here are `L` blocks long.
fn lanes_of<const L: usize, T>(mut items: impl Iterator<Item = T>) -> [T; L] {
    std::array::from_fn(|_| items.next().expect("L blocks"))
}
