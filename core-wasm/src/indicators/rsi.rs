use super::Indicator;
use super::smoothing::{GROUP, bars_to_forget};
use super::stretch::skip_undefined;
use crate::columns::View;
use crate::error::KernelError;
use crate::simd::lanes::Lanes;
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
    /// The sums of the last bar that changed the value.
    moved: Movement,
    /// Zero, the change of a bar that keeps the value. A constant in its place makes the compiler compare in more steps.
    still: Lanes,
}

/// Sums below this are of movements long ago, and a price that moves again drowns them.
const FORGOTTEN: f64 = f64::from_bits((1023 - 900) << 52);

/// Total and net movement, `gain + loss` and `gain - loss`. Equal, bit for bit, without losses; opposite without gains.
type Movement = Lanes;

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
        let none = Lanes::splat(0.0);
        Self { c, powers, sums: none, filled: 0, inner: none }
    }

    fn push(&mut self, x: Movement) -> Movement {
        if self.filled == 0 {
            self.inner = Lanes::splat(0.0);
        }
        self.inner = scaled_plus(self.c, self.inner, x);
        let sums = scaled_plus(self.powers[self.filled], self.sums, self.inner);
        self.filled = (self.filled + 1) % GROUP;
        if self.filled == 0 {
            self.sums = remembered(sums, self.inner);
        }
        sums
    }

    /// Takes the movements of one group, the same as `push` for each. Only between groups.
    #[inline(always)]
    fn push_group(&mut self, x: &[Movement; GROUP]) -> [Movement; GROUP] {
        debug_assert!(self.filled == 0);
        let mut inner = Lanes::splat(0.0);
        let mut sums = [inner; GROUP];
        for j in 0..GROUP {
            inner = scaled_plus(self.c, inner, x[j]);
            sums[j] = scaled_plus(self.powers[j], self.sums, inner);
        }
        self.sums = remembered(sums[GROUP - 1], inner);
        sums
    }
}

/// The sums to go on with after a group. Without a change in it they have only shrunk, and end here before they are denormal: slow,
/// and of no precision.
#[inline(always)]
fn remembered(sums: Movement, inner: Movement) -> Movement {
    if sums.first() < FORGOTTEN && inner.first() == 0.0 { Lanes::splat(0.0) } else { sums }
}

/// The movement of one change: one of gain and loss is zero.
#[inline(always)]
fn movement(change: f64) -> Movement {
    Lanes::splat(change).abs_first()
}

#[inline(always)]
fn scaled_plus(factor: f64, a: Movement, b: Movement) -> Movement {
    Lanes::splat(factor) * a + b
}

/// `100 * gain / (gain + loss)` of both.
#[inline(always)]
fn strengths(a: Movement, b: Movement) -> Lanes {
    let [total, net] = a.zip(b);
    Lanes::splat(50.0) + Lanes::splat(50.0) * (net / total)
}

/// No movement at all is neither strength nor weakness. Later sums are never zero at a bar that changes.
fn balanced(sums: Movement) -> Movement {
    if sums.first() == 0.0 { Lanes::new(1.0, 0.0) } else { sums }
}

impl Rsi {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub fn new(period: usize) -> Result<Self, KernelError> {
        if period == 0 {
            return Err(KernelError::PeriodZero);
        }
        let sums = DecayingSums::new(1.0 - 1.0 / period as f64);
        Ok(Self { period, seeded: 0, sums, moved: Lanes::splat(f64::NAN), still: Lanes::splat(0.0) })
    }

    /// Adds one of the first `period` changes to the plain sums.
    fn seed(&mut self, change: f64) {
        self.sums.sums = scaled_plus(1.0, self.sums.sums, movement(change));
        self.seeded += 1;
        if self.seeded == self.period {
            self.moved = balanced(self.sums.sums);
        }
    }

    /// A bar without a change keeps the value.
    fn push(&mut self, change: f64) {
        let sums = self.sums.push(movement(change));
        if change != 0.0 || self.period == 1 {
            self.moved = balanced(sums);
        }
    }

    fn push_each(&mut self, x: &[f64], out: &mut [f64]) {
        for (value, x) in out.iter_mut().zip(x.windows(2)) {
            let change = x[1] - x[0];
            if self.seeded < self.period {
                self.seed(change);
            } else {
                self.push(change);
            }
            *value = strengths(self.moved, self.moved).first();
        }
    }

    /// Changes to push one by one before whole groups can follow: all, where an unchanged bar does not keep the value.
    fn bars_to_group(&self) -> usize {
        if self.period == 1 {
            return usize::MAX;
        }
        if self.seeded < self.period { self.period - self.seeded } else { (GROUP - self.sums.filled) % GROUP }
    }

    /// Takes the bars of one group, the same as `push_each`. Only between groups.
    #[inline(always)]
    fn push_group(&mut self, before: &[f64; GROUP], after: &[f64; GROUP], out: &mut [f64; GROUP]) {
        let changes: [Lanes; GROUP] =
            std::array::from_fn(|j| Lanes::splat(after[j]) - Lanes::splat(before[j]));
        let mut moved = self.sums.push_group(&changes.map(Lanes::abs_first));
        for j in 0..GROUP {
            moved[j] = changes[j].equal(self.still).select(self.moved, moved[j]);
            self.moved = moved[j];
        }
        for j in (0..GROUP).step_by(2) {
            strengths(moved[j], moved[j + 1]).store(out, j);
        }
    }

    /// `x` begins with the value before the first one of `out`.
    fn run(&mut self, x: &[f64], out: &mut [f64]) {
        let head = self.bars_to_group().min(out.len());
        self.push_each(&x[..=head], &mut out[..head]);
        let (groups, tail) = out[head..].as_chunks_mut::<GROUP>();
        let rest = &x[head + groups.len() * GROUP..];
        let (before, _) = x[head..].as_chunks::<GROUP>();
        let (after, _) = x[head + 1..].as_chunks::<GROUP>();
        for ((values, before), after) in groups.iter_mut().zip(before).zip(after) {
            self.push_group(before, after, values);
        }
        self.push_each(rest, tail);
    }
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
