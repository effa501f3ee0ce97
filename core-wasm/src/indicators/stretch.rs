use crate::columns::View;
use std::ops::Range;

/// Writes NaN on the bars before `first` and returns what remains: the bars from `first` on, and their part of `out`.
pub(super) fn skip_undefined(
    first: usize,
    bars: Range<usize>,
    out: &mut [f64],
) -> (Range<usize>, &mut [f64]) {
    debug_assert_eq!(out.len(), bars.len());
    let start = first.clamp(bars.start, bars.end);
    let (undefined, defined) = out.split_at_mut(start - bars.start);
    undefined.fill(f64::NAN);
    (start..bars.end, defined)
}

/// First bar on which all `inputs` are defined.
pub(super) fn first_defined<const N: usize>(inputs: &[View<'_>; N]) -> usize {
    inputs.iter().map(View::first).max().unwrap_or(0)
}

/// The larger value; NaN if either is NaN.
#[inline(always)]
pub(super) fn max_propagate_nan(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

/// The smaller value; NaN if either is NaN.
#[inline(always)]
pub(super) fn min_propagate_nan(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}
