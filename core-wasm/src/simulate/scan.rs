//! From words of signal bits to the bars on which a flat or invested account acts.

use crate::bitmap::{Bits, WORDS};
use crate::market::STRETCH;
use std::ops::Range;

/// Room for the bars of a stretch on which an account acts: at most one action a bar.
pub type SignalBars = [u32; STRETCH];

/// Writes the bars on which the account acts, alternately buying and selling, to `bars` and returns their number.
///
/// `enter` and `exit` hold one bit per bar. Only bits of the bars `active` count. Entry and exit on the same bar cancel
/// each other. `holding` says whether the account is invested before the stretch. `first_bar` is added (wrapping) to
/// every bar.
#[inline(never)]
pub fn scan(
    enter: &Bits,
    exit: &Bits,
    active: Range<usize>,
    first_bar: u32,
    mut holding: bool,
    bars: &mut SignalBars,
) -> usize {
    let mut count = 0;
    let mut words = words_with_signals(enter, exit);
    while words != 0 {
        let word = words.trailing_zeros() as usize;
        words &= words - 1;
        let counts = active_bits(&active, word);
        let mut buy = enter[word] & !exit[word] & counts;
        let mut sell = exit[word] & !enter[word] & counts;
        loop {
            let signals = if holding { sell } else { buy };
            if signals == 0 {
                break;
            }
            let bit = signals.trailing_zeros();
            bars[count] = first_bar.wrapping_add(word as u32 * 64 + bit);
            count += 1;
            holding = !holding;
            let later = (u64::MAX << 1) << bit;
            buy &= later;
            sell &= later;
        }
    }
    count
}

/// Bit `i` says that word `i` holds a signal. Found without a branch per word: which words do is hard to predict.
#[inline(always)]
fn words_with_signals(enter: &Bits, exit: &Bits) -> u64 {
    (0..WORDS).fold(0, |words, i| words | u64::from(enter[i] | exit[i] != 0) << i)
}

/// The bits of a word whose bars are active.
#[inline(always)]
fn active_bits(active: &Range<usize>, word: usize) -> u64 {
    let start = word * 64;
    if active.start <= start && start + 64 <= active.end {
        return u64::MAX;
    }
    let ones_below = |bars: usize| if bars >= 64 { u64::MAX } else { !(u64::MAX << bars) };
    ones_below(active.end.saturating_sub(start)) & !ones_below(active.start.saturating_sub(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn walk(enter: &[u64], exit: &[u64], active: Range<usize>, mut holding: bool) -> Vec<u32> {
        let bit = |words: &[u64], bar: usize| words[bar / 64] >> (bar % 64) & 1 == 1;
        let mut bars = Vec::new();
        for bar in active {
            let (buy, sell) = (bit(enter, bar), bit(exit, bar));
            if buy != sell && sell == holding {
                bars.push(bar as u32);
                holding = !holding;
            }
        }
        bars
    }

    proptest! {
        #[test]
        fn prop_equals_a_walk_over_the_bits(
            words in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>(), 0u8..3), 1..6),
            ends in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            holding: bool,
        ) {
            let thin = |bits: u64, other: u64, density: u8| match density { 0 => 0, 1 => bits & other, _ => bits };
            let (mut enter, mut exit) = ([0; WORDS], [0; WORDS]);
            for (i, w) in words.iter().enumerate() {
                enter[i] = thin(w.0, w.2, w.3);
                exit[i] = thin(w.1, !w.2.rotate_left(7), w.3);
            }
            let (a, b) = (ends.0.index(words.len() * 64 + 1), ends.1.index(words.len() * 64 + 1));
            let active = a.min(b)..a.max(b);
            let mut bars = [0; STRETCH];
            let count = scan(&enter, &exit, active.clone(), 0, holding, &mut bars);
            prop_assert_eq!(&bars[..count], walk(&enter, &exit, active, holding));
        }
    }
}
