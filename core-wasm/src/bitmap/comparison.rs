//! Comparing two columns over a stretch.

use super::{Bits, WORDS};
use crate::market::STRETCH;
use crate::simd::compare::{compare_keys, compare_values};
use crate::simd::outline::{Scale, word_keys, word_range};

/// A coarse copy of a stretch that decides most comparisons: columns that are compared share a scale.
#[derive(Clone)]
pub struct Outline {
    keys: [i16; STRETCH],
    /// Keys of the lowest and highest value of every word; the widest range there is for a word without a range.
    low: [i16; WORDS],
    high: [i16; WORDS],
    /// Bit `i` says that word `i` has a range: all its values are defined and finite.
    ranged: u64,
    ranges: [(f64, f64); WORDS],
}

/// One side of a comparison over a stretch.
#[derive(Clone, Copy)]
pub struct Operand<'a> {
    /// The stretch; NaN where the column is not defined or the bars have ended.
    pub values: &'a [f64; STRETCH],
    pub outline: &'a Outline,
    /// The value on the bar before the stretch, NaN if there is none.
    pub before: f64,
}

/// Two columns compared: greater, less, and both defined.
#[derive(Clone)]
pub struct Comparison {
    pub greater: Bits,
    pub less: Bits,
    pub defined: Bits,
    /// The same three bits for the bar before the stretch.
    pub before: [bool; 3],
}

impl Default for Comparison {
    fn default() -> Self {
        Self { greater: [0; WORDS], less: [0; WORDS], defined: [0; WORDS], before: [false; 3] }
    }
}

impl Outline {
    pub fn new() -> Box<Self> {
        Box::new(Self {
            keys: [0; STRETCH],
            low: [0; WORDS],
            high: [0; WORDS],
            ranged: 0,
            ranges: [(0.0, 0.0); WORDS],
        })
    }

    /// Measures another stretch; returns the range of all its words that have one, reversed infinities for none.
    #[inline(never)]
    pub fn measure(&mut self, values: &[f64; STRETCH]) -> (f64, f64) {
        let mut all = (f64::INFINITY, f64::NEG_INFINITY);
        let (words, _) = values.as_chunks::<64>();
        self.ranged = 0;
        for (i, word) in words.iter().enumerate() {
            if let Some(range) = word_range(word) {
                self.ranged |= 1 << i;
                self.ranges[i] = range;
                all = (all.0.min(range.0), all.1.max(range.1));
            }
        }
        all
    }

    /// Outlines the measured stretch on a scale that holds its range.
    #[inline(never)]
    pub fn draw(&mut self, values: &[f64; STRETCH], scale: Scale) {
        let (words, _) = values.as_chunks::<64>();
        let (keys, _) = self.keys.as_chunks_mut::<64>();
        for (i, (word, keys)) in words.iter().zip(keys).enumerate() {
            word_keys(word, scale, keys);
            let (low, high) = self.ranges[i];
            let ranged = self.ranged >> i & 1 == 1;
            self.low[i] = if ranged { scale.key(low) } else { i16::MIN };
            self.high[i] = if ranged { scale.key(high) } else { i16::MAX };
        }
    }
}

/// Compares two columns over a stretch.
///
/// Words whose ranges do not overlap are decided without looking at their bars; which they are is itself one
/// comparison of 64 keys. The others are compared by their keys, and by their values where two keys are equal.
/// With `plain` every bar is compared by its values: the reference.
#[inline(never)]
pub fn compare(a: Operand<'_>, b: Operand<'_>, plain: bool, into: &mut Comparison) {
    into.before = [a.before > b.before, a.before < b.before, !(a.before.is_nan() || b.before.is_nan())];
    if plain {
        return compare_plain(a, b, into);
    }
    let (x, y) = (a.outline, b.outline);
    let (above, _) = compare_keys(&y.high, &x.low);
    let (below, _) = compare_keys(&x.high, &y.low);
    fill(&mut into.greater, above);
    fill(&mut into.less, below);
    let ranged = x.ranged & y.ranged;
    let (x_words, _) = x.keys.as_chunks::<64>();
    let (y_words, _) = y.keys.as_chunks::<64>();
    let mut undecided = !(above | below);
    while undecided != 0 {
        let word = undecided.trailing_zeros() as usize;
        undecided &= undecided - 1;
        let (less, tied) = compare_keys(&x_words[word], &y_words[word]);
        (into.greater[word], into.less[word]) = if tied | (ranged >> word & 1 == 0) {
            compare_values(&words(a)[word], &words(b)[word])
        } else {
            (!less, less)
        };
    }
    define(a, b, &mut into.defined);
}

#[cold]
fn compare_plain(a: Operand<'_>, b: Operand<'_>, into: &mut Comparison) {
    for word in 0..WORDS {
        (into.greater[word], into.less[word]) = compare_values(&words(a)[word], &words(b)[word]);
    }
    for (word, bits) in into.defined.iter_mut().enumerate() {
        *bits = defined(&words(a)[word], &words(b)[word]);
    }
}

/// Sets the bits of the bars on which both sides are defined; only words without a range are looked at.
#[inline(always)]
fn define(a: Operand<'_>, b: Operand<'_>, bits: &mut Bits) {
    bits.fill(u64::MAX);
    let mut open = !(a.outline.ranged & b.outline.ranged);
    while open != 0 {
        let word = open.trailing_zeros() as usize;
        open &= open - 1;
        bits[word] = defined(&words(a)[word], &words(b)[word]);
    }
}

fn defined(a: &[f64; 64], b: &[f64; 64]) -> u64 {
    let bits = a.iter().zip(b).enumerate();
    bits.fold(0, |word, (bit, (x, y))| word | u64::from(!(x.is_nan() || y.is_nan())) << bit)
}

fn words<'a>(operand: Operand<'a>) -> &'a [[f64; 64]] {
    operand.values.as_chunks::<64>().0
}

/// Sets word `i` to all ones where bit `i` of `words` is set, else to zero.
#[inline(always)]
fn fill(bits: &mut Bits, words: u64) {
    const PAIRS: [[u64; 2]; 4] = [[0, 0], [u64::MAX, 0], [0, u64::MAX], [u64::MAX, u64::MAX]];
    let (pairs, _) = bits.as_chunks_mut::<2>();
    for (i, pair) in pairs.iter_mut().enumerate() {
        *pair = PAIRS[(words >> (2 * i) & 3) as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values that are often equal, close to each other, or not defined.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => (0i32..6).prop_map(f64::from),
            2 => (0i32..6).prop_map(|n| 1.0 + f64::from(n) * f64::EPSILON),
            2 => -1e3f64..1e3,
            1 => Just(f64::NAN),
            1 => prop_oneof![Just(f64::INFINITY), Just(f64::MAX), Just(-f64::MAX), Just(5e-324)],
        ]
    }

    /// A stretch of level ground with some words of mixed values in it.
    fn stretch() -> impl Strategy<Value = Vec<f64>> {
        let words = prop::collection::vec(
            prop_oneof![3 => (-3.0f64..3.0).prop_map(|v| vec![v; 64]),
            2 => prop::collection::vec(value(), 64)],
            WORDS,
        );
        words.prop_map(|words| words.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn prop_outlines_decide_as_the_values_do(a in stretch(), b in stretch(), before in (value(), value())) {
            let columns: [&[f64; STRETCH]; 2] = [a[..].try_into().unwrap(), b[..].try_into().unwrap()];
            let mut outlines = [Outline::new(), Outline::new()];
            let ranges = [0, 1].map(|i| outlines[i].measure(columns[i]));
            let scale = Scale::new(ranges[0].0.min(ranges[1].0), ranges[0].1.max(ranges[1].1));
            outlines.iter_mut().zip(columns).for_each(|(outline, values)| outline.draw(values, scale));
            let x = Operand { values: columns[0], outline: &outlines[0], before: before.0 };
            let y = Operand { values: columns[1], outline: &outlines[1], before: before.1 };
            let (mut fast, mut plain) = (Comparison::default(), Comparison::default());
            compare(x, y, false, &mut fast);
            compare(x, y, true, &mut plain);
            prop_assert_eq!(fast.greater, plain.greater);
            prop_assert_eq!(fast.less, plain.less);
            prop_assert_eq!(fast.defined, plain.defined);
            prop_assert_eq!(fast.before, plain.before);
        }
    }
}
