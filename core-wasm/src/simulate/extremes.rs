//! Highest and lowest close of any range of bars in constant time.

use crate::simd::pair::Pair;

/// Bars per block.
const BLOCK: usize = 32;

/// Answers the extremes of any range: inside blocks by running extremes from both ends, across whole blocks by a
/// sparse table over powers of two.
///
/// Memory: 32 bytes per bar and 16 · log2(bars / 32) bytes per block.
pub struct RangeExtremes {
    /// Extremes from the start of the block up to and including the bar.
    heads: Vec<Pair>,
    /// Extremes from the bar to the end of the block.
    tails: Vec<Pair>,
    /// `levels[k][b]`: extremes of the blocks `b .. b + 2^k`.
    levels: Vec<Vec<Pair>>,
}

impl RangeExtremes {
    /// `values` must hold no NaN.
    pub fn new(values: &[f64]) -> Self {
        let mut heads = Vec::with_capacity(values.len());
        let mut tails = vec![Pair::empty(); values.len()];
        let mut blocks = Vec::with_capacity(values.len().div_ceil(BLOCK));
        for (block, start) in values.chunks(BLOCK).zip((0..).step_by(BLOCK)) {
            let mut running = Pair::empty();
            for &value in block {
                running = running.join(Pair::of(value));
                heads.push(running);
            }
            blocks.push(running);
            running = Pair::empty();
            for (i, &value) in block.iter().enumerate().rev() {
                running = running.join(Pair::of(value));
                tails[start + i] = running;
            }
        }
        Self { heads, tails, levels: levels(blocks) }
    }

    /// Extremes of the bars `first ..= last` of `values`, the slice that this was built from.
    #[inline(always)]
    pub fn range(&self, values: &[f64], first: usize, last: usize) -> Pair {
        debug_assert!(first <= last && last < self.heads.len());
        let (from, to) = (first / BLOCK, last / BLOCK);
        if from == to {
            return values[first..=last].iter().fold(Pair::empty(), |all, &v| all.join(Pair::of(v)));
        }
        let ends = self.tails[first].join(self.heads[last]);
        let between = to - from - 1;
        if between == 0 {
            return ends;
        }
        let level = between.ilog2() as usize;
        let row = &self.levels[level];
        ends.join(row[from + 1]).join(row[to - (1 << level)])
    }
}

fn levels(blocks: Vec<Pair>) -> Vec<Vec<Pair>> {
    let mut levels = vec![blocks];
    let mut width = 1;
    while 2 * width <= levels[0].len() {
        let below = &levels[levels.len() - 1];
        let row = (0..=levels[0].len() - 2 * width).map(|b| below[b].join(below[b + width])).collect();
        levels.push(row);
        width *= 2;
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn prop_equals_a_walk_over_the_range(
            values in prop::collection::vec(0.1f64..100.0, 1..400),
            ends in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let (a, b) = (ends.0.index(values.len()), ends.1.index(values.len()));
            let (first, last) = (a.min(b), a.max(b));
            let found = RangeExtremes::new(&values).range(&values, first, last);
            let walked = &values[first..=last];
            prop_assert_eq!(found.highest(), walked.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            prop_assert_eq!(found.lowest(), walked.iter().copied().fold(f64::INFINITY, f64::min));
        }
    }
}
