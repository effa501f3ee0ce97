use crate::error::KernelError;

/// Bars that are smoothed together.
pub(super) const GROUP: usize = 8;

/// An average of zeros below this is zero: it has only shrunk since, and would end as a denormal, slow and of no precision.
const FORGOTTEN: f64 = f64::from_bits((1023 - 900) << 52);

/// Exponential smoothing: `e[i] = e[i-1] + k * (x[i] - e[i-1])`, seeded by the mean of the first `period` values.
///
/// Written bar after bar, each value waits for three dependent operations on the one before. Here the bars from the seed on are
/// taken in groups of eight: with `r` the group's first value, `y[j] = x[j] - r`, `c = 1 - k` and `e` the average before the group,
/// `w[j] = c * w[j-1] + k * y[j]` does not depend on `e`, and `e[j] = r + (c^(j+1) * (e - r) + w[j])`. So the groups overlap in
/// the processor, and only the last value of a group waits for the group before. The differences from `r` make a flat
/// series exact. The groups are counted from the seed, so the split into stretches does not change a bit.
///
/// NaN: propagates to every later value. Cost: O(1) per bar, no allocation.
pub(super) struct Smoothing {
    period: usize,
    k: f64,
    c: f64,
    /// `powers[j] = c^(j+1)`.
    powers: [f64; GROUP],
    /// Values seen while seeding.
    seeded: usize,
    /// The average at the end of the last complete group.
    average: f64,
    /// Values of the current group seen, its first value, and the state of its inner recurrence.
    filled: usize,
    reference: f64,
    inner: f64,
}

/// Bars after which what a recurrence began with weighs less than `weight`, when every bar keeps the share `kept` of it.
/// 0 for `weight` 1: nothing is asked for.
pub(super) fn bars_to_forget(kept: f64, weight: f64) -> usize {
    if kept <= 0.0 || weight >= 1.0 {
        return 0;
    }
    (libm::log(weight) / libm::log(kept)).floor() as usize + 1
}

impl Smoothing {
    /// # Errors
    /// `PeriodZero` if `period == 0`.
    pub(super) fn new(period: usize, k: f64) -> Result<Self, KernelError> {
        if period == 0 {
            return Err(KernelError::PeriodZero);
        }
        let c = 1.0 - k;
        let mut powers = [c; GROUP];
        for j in 1..GROUP {
            powers[j] = powers[j - 1] * c;
        }
        let (seeded, average, filled, reference, inner) = (0, 0.0, 0, 0.0, 0.0);
        Ok(Self { period, k, c, powers, seeded, average, filled, reference, inner })
    }

    /// Writes one value per value of `x`, NaN before the seed is complete.
    pub(super) fn extend(&mut self, x: &[f64], out: &mut [f64]) {
        if self.k == 1.0 {
            out.copy_from_slice(x);
            return;
        }
        let head = self.bars_to_group().min(x.len());
        for (value, x) in out[..head].iter_mut().zip(x) {
            *value = self.push(*x);
        }
        let (groups, tail) = x[head..].as_chunks::<GROUP>();
        let (group_values, tail_values) = out[head..].as_chunks_mut::<GROUP>();
        for (values, x) in group_values.iter_mut().zip(groups) {
            *values = self.push_group(x);
        }
        for (value, x) in tail_values.iter_mut().zip(tail) {
            *value = self.push(*x);
        }
    }

    /// Bars from the first value on after which the seed weighs less than `weight`.
    pub(super) fn settling(&self, weight: f64) -> usize {
        bars_to_forget(self.c, weight)
    }

    /// Values to push one by one before `push_group` may be called.
    fn bars_to_group(&self) -> usize {
        if self.seeded < self.period { self.period - self.seeded } else { (GROUP - self.filled) % GROUP }
    }

    /// Takes one value and returns the average, NaN before the seed is complete.
    #[inline(always)]
    fn push(&mut self, x: f64) -> f64 {
        if self.seeded < self.period { self.seed(x) } else { self.smooth(x) }
    }

    fn seed(&mut self, x: f64) -> f64 {
        if self.seeded == 0 {
            self.reference = x;
        }
        self.inner += x - self.reference;
        self.seeded += 1;
        if self.seeded < self.period {
            return f64::NAN;
        }
        self.average = self.reference + self.inner / self.period as f64;
        self.average
    }

    fn smooth(&mut self, x: f64) -> f64 {
        if self.filled == 0 {
            self.reference = x;
            self.inner = 0.0;
        }
        self.inner = self.c * self.inner + self.k * (x - self.reference);
        let distance = self.average - self.reference;
        let value = self.reference + (self.powers[self.filled] * distance + self.inner);
        self.filled = (self.filled + 1) % GROUP;
        if self.filled == 0 {
            self.average = self.remembered(value, self.inner, self.reference);
        }
        value
    }

    /// Takes the values of one group, the same as `push` for each. Only between groups.
    #[inline(always)]
    fn push_group(&mut self, x: &[f64; GROUP]) -> [f64; GROUP] {
        debug_assert!(self.seeded == self.period && self.filled == 0);
        let reference = x[0];
        let distance = self.average - reference;
        let mut inner = 0.0;
        let mut values = [0.0; GROUP];
        for j in 0..GROUP {
            inner = self.c * inner + self.k * (x[j] - reference);
            values[j] = reference + (self.powers[j] * distance + inner);
        }
        self.average = self.remembered(values[GROUP - 1], inner, reference);
        values
    }

    /// The average to go on with after a group.
    #[inline(always)]
    fn remembered(&self, average: f64, inner: f64, reference: f64) -> f64 {
        let has_only_shrunk = reference == 0.0 && inner == 0.0;
        if average.abs() < FORGOTTEN && has_only_shrunk { 0.0 } else { average }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_seed_when_its_power_is_below_the_weight() {
        for (period, weight) in [(2, 1e-3), (14, 1e-3), (200, 1e-3), (26, 0.25), (1_000_000, 1e-9)] {
            let kept = 1.0 - 1.0 / period as f64;
            let bars = bars_to_forget(kept, weight) as i32;
            assert!(kept.powi(bars) < weight && kept.powi(bars - 1) >= weight * (1.0 - 1e-9), "{period}");
        }
        // 0.5^2 is the weight, not less.
        assert_eq!(
            [bars_to_forget(0.5, 0.25), bars_to_forget(0.0, 1e-3), bars_to_forget(0.5, 1.0)],
            [3, 0, 0]
        );
    }
}
