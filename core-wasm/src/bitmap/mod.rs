//! Conditions as bits: 64 bars a word, least significant bit first, as an Arrow Boolean column.

mod comparison;
mod logic;

pub use crate::simd::outline::Scale;
pub use comparison::{Comparison, Operand, Outline, compare};
pub use logic::{and, crosses, defined_without, not, or};

use crate::market::STRETCH;

/// Words of one stretch.
pub const WORDS: usize = STRETCH / 64;

/// The bits of one condition over one stretch.
pub type Bits = [u64; WORDS];
