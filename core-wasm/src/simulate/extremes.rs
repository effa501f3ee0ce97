//! Highest and lowest close of any range of bars in constant time.

use crate::simd::pair::Pair;

/// Bars per group, and groups per block.
const GROUP: usize = 8;
const BLOCK: usize = 32;

/// Answers the extremes of any range without walking it. A range is covered by its first and last eight bars, by two
/// overlapping spans of whole groups, and if it is longer than those by whole blocks between them.
///
/// Memory: 12 bytes per bar and 16 · log2(blocks) bytes per block of 256 bars.
pub struct RangeExtremes {
    groups: Spans,
    blocks: Spans,
}

impl RangeExtremes {
    /// `values` must hold no NaN.
    pub fn new(values: &[f64]) -> Self {
        let groups: Vec<Pair> = values.chunks(GROUP).map(extremes).collect();
        let joined = |groups: &[Pair]| groups.iter().fold(Pair::empty(), |all, &group| all.join(group));
        let blocks = groups.chunks(BLOCK).map(joined).collect();
        Self { groups: Spans::new(groups, BLOCK), blocks: Spans::new(blocks, usize::MAX) }
    }

    /// Extremes of the bars `first ..= last` of `values`, the slice that this was built from.
    #[inline(always)]
    pub fn range(&self, values: &[f64], first: usize, last: usize) -> Pair {
        let range = &values[first..=last];
        let (Some(head), Some(tail)) = (range.first_chunk::<GROUP>(), range.last_chunk::<GROUP>()) else {
            return extremes(range);
        };
        let ends = extremes(head).join(extremes(tail));
        // Groups that lie wholly inside; the ends cover what is left of the others.
        let (from, to) = (first.div_ceil(GROUP), (last + 1) / GROUP);
        if from < to { ends.join(self.whole_groups(from, to)) } else { ends }
    }

    /// Extremes of the groups `from .. to`.
    #[inline(always)]
    fn whole_groups(&self, from: usize, to: usize) -> Pair {
        if to - from <= 2 * BLOCK {
            return self.groups.range(from, to);
        }
        let ends = self.groups.span(from, BLOCK).join(self.groups.span(to - BLOCK, BLOCK));
        ends.join(self.blocks.range(from.div_ceil(BLOCK), to / BLOCK))
    }
}

#[inline(always)]
fn extremes(values: &[f64]) -> Pair {
    values.iter().fold(Pair::empty(), |all, &value| all.join(Pair::of(value)))
}

/// Extremes of every span of 1, 2, 4, … items.
struct Spans {
    levels: Vec<Vec<Pair>>,
}

impl Spans {
    /// Spans up to `longest` items.
    fn new(items: Vec<Pair>, longest: usize) -> Self {
        let mut levels = vec![items];
        let mut width = 1;
        while 2 * width <= levels[0].len().min(longest) {
            let below = &levels[levels.len() - 1];
            let spans = levels[0].len() - 2 * width;
            levels.push((0..=spans).map(|i| below[i].join(below[i + width])).collect());
            width *= 2;
        }
        Self { levels }
    }

    /// Extremes of `width` items, a power of two, from `first` on.
    #[inline(always)]
    fn span(&self, first: usize, width: usize) -> Pair {
        self.levels[width.ilog2() as usize][first]
    }

    /// Extremes of the items `from .. to`, at least one and at most twice the longest span.
    #[inline(always)]
    fn range(&self, from: usize, to: usize) -> Pair {
        let level = ((to - from).ilog2() as usize).min(self.levels.len() - 1);
        let row = &self.levels[level];
        row[from].join(row[to - (1 << level)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn prop_equals_a_walk_over_the_range(
            values in prop::collection::vec(0.1f64..100.0, 1..3000),
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
