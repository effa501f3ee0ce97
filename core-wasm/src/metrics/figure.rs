//! What a metric says where the sample does not carry it.

/// The one bit pattern that stands for "not computable", whatever NaN the arithmetic left.
const NOT_COMPUTABLE: f64 = f64::from_bits(0x7ff8_0000_0000_0000);
/// What stands for a ratio to losses that there were none of. Nothing else in a row is infinite.
const UNBOUNDED: f64 = f64::INFINITY;

pub fn computable(holds: bool, value: impl FnOnce() -> f64) -> f64 {
    if holds { finite(value()) } else { NOT_COMPUTABLE }
}

/// A ratio of what was won to what was lost.
pub fn over_losses(won: bool, lost: bool, ratio: impl FnOnce() -> f64) -> f64 {
    if won && !lost { UNBOUNDED } else { computable(lost, ratio) }
}

/// An overflow is no figure. Adding 0 takes the sign from a zero.
pub fn finite(value: f64) -> f64 {
    if value.is_finite() { value + 0.0 } else { NOT_COMPUTABLE }
}
