//! From words of signal bits to the bars on which a flat or invested account acts.

use std::ops::Range;

/// Appends the bars on which the account acts, alternately buying and selling, to `bars`.
///
/// `enter` and `exit` hold one bit per bar, bit 0 of word 0 is bar 0 of the stretch. Only bits of the bars `active`
/// count. Entry and exit on the same bar cancel each other. `holding` says whether the account is invested before the
/// stretch. `first_bar` is added (wrapping) to every bar.
#[inline(never)]
pub fn scan(
    enter: &[u64],
    exit: &[u64],
    active: Range<usize>,
    first_bar: u32,
    mut holding: bool,
    bars: &mut Vec<u32>,
) {
    let (first, last) = (active.start / 64, active.end.div_ceil(64));
    for word in first..last {
        if enter[word] | exit[word] == 0 {
            continue;
        }
        let mut counts = u64::MAX;
        if word == first {
            counts &= u64::MAX << (active.start % 64);
        }
        if word + 1 == last && !active.end.is_multiple_of(64) {
            counts &= !(u64::MAX << (active.end % 64));
        }
        let mut buy = enter[word] & !exit[word] & counts;
        let mut sell = exit[word] & !enter[word] & counts;
        loop {
            let signals = if holding { sell } else { buy };
            if signals == 0 {
                break;
            }
            let bit = signals.trailing_zeros();
            bars.push(first_bar.wrapping_add(word as u32 * 64 + bit));
            holding = !holding;
            let later = (u64::MAX << 1) << bit;
            buy &= later;
            sell &= later;
        }
    }
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
            let enter: Vec<u64> = words.iter().map(|w| thin(w.0, w.2, w.3)).collect();
            let exit: Vec<u64> = words.iter().map(|w| thin(w.1, !w.2.rotate_left(7), w.3)).collect();
            let (a, b) = (ends.0.index(words.len() * 64 + 1), ends.1.index(words.len() * 64 + 1));
            let active = a.min(b)..a.max(b);
            let mut bars = Vec::new();
            scan(&enter, &exit, active.clone(), 0, holding, &mut bars);
            prop_assert_eq!(bars, walk(&enter, &exit, active, holding));
        }
    }
}
