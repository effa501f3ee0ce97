//! Comparing two columns over a stretch.

use super::{Bits, WORDS};
use crate::market::STRETCH;
use crate::simd::compare::{compare_singles, compare_values};
use crate::simd::outline::outline_word;

/// A coarse copy of a stretch that decides most comparisons.
#[derive(Clone)]
pub struct Outline {
    /// The values in single precision.
    singles: [f32; STRETCH],
    /// Lowest and highest single of every word. A word with a NaN has the widest range there is.
    low: [f32; WORDS],
    high: [f32; WORDS],
    /// Bit `i` says that word `i` has a range: all its values are defined and finite.
    ranged: u64,
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
        Box::new(Self { singles: [0.0; STRETCH], low: [0.0; WORDS], high: [0.0; WORDS], ranged: 0 })
    }

    /// Outlines another stretch.
    #[inline(never)]
    pub fn draw(&mut self, values: &[f64; STRETCH]) {
        self.ranged = 0;
        let (words, _) = values.as_chunks::<64>();
        let (singles, _) = self.singles.as_chunks_mut::<64>();
        for (i, (word, singles)) in words.iter().zip(singles).enumerate() {
            let range = outline_word(word, singles);
            self.ranged |= u64::from(range.is_some()) << i;
            (self.low[i], self.high[i]) = range.unwrap_or((f32::NEG_INFINITY, f32::INFINITY));
        }
    }
}

/// Compares two columns over a stretch.
///
/// Words whose ranges do not overlap are decided without looking at their bars; which they are is itself one
/// comparison of 64 values. The others are compared in single precision, and again in full where two singles are equal.
/// With `plain` every bar is compared in full: the reference.
#[inline(never)]
pub fn compare(a: Operand<'_>, b: Operand<'_>, plain: bool, into: &mut Comparison) {
    into.before = [a.before > b.before, a.before < b.before, !(a.before.is_nan() || b.before.is_nan())];
    if plain {
        return compare_plain(a, b, into);
    }
    let (x, y) = (a.outline, b.outline);
    let (above, _) = compare_singles(&x.low, &y.high);
    let (_, below) = compare_singles(&x.high, &y.low);
    fill(&mut into.greater, above);
    fill(&mut into.less, below);
    let (x_words, _) = x.singles.as_chunks::<64>();
    let (y_words, _) = y.singles.as_chunks::<64>();
    let mut undecided = !(above | below);
    while undecided != 0 {
        let word = undecided.trailing_zeros() as usize;
        undecided &= undecided - 1;
        let (mut greater, mut less) = compare_singles(&x_words[word], &y_words[word]);
        if greater | less != u64::MAX {
            (greater, less) = compare_values(&words(a)[word], &words(b)[word]);
        }
        (into.greater[word], into.less[word]) = (greater, less);
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
            outlines.iter_mut().zip(columns).for_each(|(outline, values)| outline.draw(values));
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
