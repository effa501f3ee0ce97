use super::Indicator;
use super::smoothing::{GROUP, bars_to_forget};
use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use crate::simd::any::any_equal;
use std::ops::Range;

/// Relative strength index by Wilder's smoothing of gains and losses.
///
/// Formula: `100 * gain / (gain + loss)`, which is `100 - 100 / (1 + gain / loss)`; `gain` and `loss` are the Wilder averages over
/// `period` of `max(x[i] - x[i-1], 0)` and `max(x[i-1] - x[i], 0)` (Wilder, 1978). Without an average loss it is exactly 100,
/// without an average gain exactly 0, and 50 where nothing has moved at all: no change is neither strength nor weakness.
/// Computed as `50 + 50 * net / total` from `total = gain + loss` and `net = gain - loss`, each `period` times as large: the ratio
/// needs no averages, only sums that shrink by `1 - 1 / period` a bar.
/// An unchanged bar shrinks both sides alike, so the value stays, bit for bit, however long prices stand still; only with
/// `period == 1`, which looks at the last change alone, it is 50.
/// Units: 0 to 100. Lookback: `period` (the first change needs two values). NaN: propagates to every later value.
/// Cost: O(1) per bar, no allocation.
pub struct Rsi {
    period: usize,
    /// Changes seen while seeding.
    seeded: usize,
    sums: DecayingSums,
    /// The last value.
    value: f64,
}

/// Bars that are looked at together for one without a change, a multiple of `GROUP`.
const BATCH: usize = 64;

/// Sums below this are of movements long ago, and a price that moves again drowns them.
const FORGOTTEN: f64 = f64::from_bits((1023 - 900) << 52);

/// Total and net movement. Equal, bit for bit, without losses; opposite without gains.
type Movement = [f64; 2];

/// `s[i] = c * s[i-1] + x[i]` of both movements at once, in groups as `Smoothing` takes them: with the sums `s` before the group,
/// `s[j] = c^(j+1) * s + w[j]`.
struct DecayingSums {
    c: f64,
    /// `powers[j] = c^(j+1)`.
    powers: [f64; GROUP],
    /// The sums at the end of the last complete group.
    sums: Movement,
    /// Changes of the current group seen, and the state of its inner recurrence.
    filled: usize,
    inner: Movement,
}

impl DecayingSums {
    fn new(c: f64) -> Self {
        let mut powers = [c; GROUP];
        for j in 1..GROUP {
            powers[j] = powers[j - 1] * c;
        }
        Self { c, powers, sums: [0.0; 2], filled: 0, inner: [0.0; 2] }
    }

    fn push(&mut self, change: f64) -> Movement {
        let x = movement(change);
        if self.filled == 0 {
            self.inner = [0.0; 2];
        }
        self.inner = scaled_plus(self.c, self.inner, x);
        let sums = scaled_plus(self.powers[self.filled], self.sums, self.inner);
        self.filled = (self.filled + 1) % GROUP;
        if self.filled == 0 {
            self.sums = remembered(sums, self.inner);
        }
        sums
    }

    /// Takes the changes of one group, none of them zero, the same as `push` for each. Only between groups.
    #[inline(always)]
    fn push_group(&mut self, changes: &[f64; GROUP]) -> [Movement; GROUP] {
        debug_assert!(self.filled == 0);
        let mut inner = [0.0; 2];
        let mut sums = [[0.0; 2]; GROUP];
        for j in 0..GROUP {
            inner = scaled_plus(self.c, inner, movement(changes[j]));
            sums[j] = scaled_plus(self.powers[j], self.sums, inner);
        }
        self.sums = sums[GROUP - 1];
        sums
    }
}

/// The sums to go on with after a group. Without a change in it they have only shrunk, and end here before they are denormal: slow,
/// and of no precision.
#[inline(always)]
fn remembered(sums: Movement, inner: Movement) -> Movement {
    if sums[0] < FORGOTTEN && inner[0] == 0.0 { [0.0; 2] } else { sums }
}

#[inline(always)]
fn scaled_plus(factor: f64, a: Movement, b: Movement) -> Movement {
    [factor * a[0] + b[0], factor * a[1] + b[1]]
}

/// `gain + loss` and `gain - loss` of a change: one of the two is zero.
#[inline(always)]
fn movement(change: f64) -> Movement {
    [change.abs(), change]
}

/// `100 * gain / (gain + loss)`.
#[inline(always)]
fn strength([total, net]: Movement) -> f64 {
    if total == 0.0 { 50.0 } else { 50.0 + 50.0 * (net / total) }
}

impl Rsi {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        if period == 0 {
            return Err(KernelError::PeriodZero);
        }
        Ok(Self { period, seeded: 0, sums: DecayingSums::new(1.0 - 1.0 / period as f64), value: f64::NAN })
    }

    /// Adds one of the first `period` changes to the plain sums.
    fn seed(&mut self, change: f64) {
        self.sums.sums = scaled_plus(1.0, self.sums.sums, movement(change));
        self.seeded += 1;
        if self.seeded == self.period {
            self.value = strength(self.sums.sums);
        }
    }

    /// The value outlives a bar without a change.
    fn follow(&mut self, change: f64, sums: Movement) -> f64 {
        if change != 0.0 || self.period == 1 {
            self.value = strength(sums);
        }
        self.value
    }

    #[inline(never)]
    fn push_each(&mut self, x: &[f64], out: &mut [f64]) {
        for (value, x) in out.iter_mut().zip(x.windows(2)) {
            let change = x[1] - x[0];
            if self.seeded < self.period {
                self.seed(change);
            } else {
                let sums = self.sums.push(change);
                self.follow(change, sums);
            }
            *value = self.value;
        }
    }

    /// Changes to push one by one before whole groups can follow.
    fn bars_to_group(&self) -> usize {
        if self.seeded < self.period { self.period - self.seeded } else { (GROUP - self.sums.filled) % GROUP }
    }

    /// Takes whole groups, all of whose bars change.
    #[inline(always)]
    fn push_groups(&mut self, x: &[f64], out: &mut [f64]) {
        let pairs = x.as_chunks::<GROUP>().0.iter().zip(x[1..].as_chunks::<GROUP>().0);
        for (values, (before, after)) in out.as_chunks_mut::<GROUP>().0.iter_mut().zip(pairs) {
            let changes = std::array::from_fn(|j| after[j] - before[j]);
            *values = self.sums.push_group(&changes).map(strength);
        }
        self.value = out[out.len() - 1];
    }

    /// `x` begins with the value before the first one of `out`.
    fn run(&mut self, x: &[f64], out: &mut [f64]) {
        let head = self.bars_to_group().min(out.len());
        self.push_each(&x[..=head], &mut out[..head]);
        let (x, out) = (&x[head..], &mut out[head..]);
        let whole = out.len() / GROUP * GROUP;
        for (index, values) in out[..whole].chunks_mut(BATCH).enumerate() {
            let x = &x[index * BATCH..][..=values.len()];
            if stands_still(x) { self.push_each(x, values) } else { self.push_groups(x, values) }
        }
        self.push_each(&x[whole..], &mut out[whole..]);
    }
}

/// Whether one of whole groups of bars does not change.
fn stands_still(x: &[f64]) -> bool {
    let mut pairs = x.as_chunks::<GROUP>().0.iter().zip(x[1..].as_chunks::<GROUP>().0);
    pairs.any(|(before, after)| any_equal(before, after))
}

impl Indicator<1> for Rsi {
    fn history(&self) -> usize {
        1
    }

    fn lookback(&self) -> usize {
        self.period
    }

    fn settling(&self, weight: f64) -> usize {
        bars_to_forget(self.sums.c, weight)
    }

    fn extend(&mut self, [x]: [View<'_>; 1], bars: Range<usize>, out: &mut [f64]) {
        let (bars, out) = skip_undefined(x.first() + 1, bars, out);
        if !bars.is_empty() {
            self.run(x.slice(bars.start - 1..bars.end), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::testing::series;

    #[test]
    fn is_the_share_of_gains() {
        let out = series(Rsi::new(2).unwrap(), [&[10.0, 13.0, 12.0, 12.0, 13.0]]);
        assert!(out[0].is_nan() && out[1].is_nan());
        // Gains average 1.5, 0.75, 0.875; losses 0.5, 0.25, 0.125.
        assert_eq!(out[2..], [75.0, 75.0, 87.5]);
    }

    #[test]
    fn is_100_without_losses_0_without_gains_and_50_without_changes() {
        let rising: Vec<f64> = (0..40).map(|i| 0.1 * i as f64 * i as f64).collect();
        let falling: Vec<f64> = rising.iter().rev().copied().collect();
        for (x, expected) in [(rising, 100.0), (falling, 0.0), (vec![0.1; 40], 50.0)] {
            let out = series(Rsi::new(3).unwrap(), [&x]);
            assert!(out[3..].iter().all(|v| *v == expected), "{out:?}");
        }
    }
}
