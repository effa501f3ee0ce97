//! Boolean algebra over the words of a stretch.

use super::Bits;

#[inline(never)]
pub fn and(a: &Bits, b: &Bits, into: &mut Bits) {
    for ((out, x), y) in into.iter_mut().zip(a).zip(b) {
        *out = x & y;
    }
}

#[inline(never)]
pub fn or(a: &Bits, b: &Bits, into: &mut Bits) {
    for ((out, x), y) in into.iter_mut().zip(a).zip(b) {
        *out = x | y;
    }
}

#[inline(never)]
pub fn not(a: &Bits, into: &mut Bits) {
    for (out, x) in into.iter_mut().zip(a) {
        *out = !x;
    }
}

/// Bits that are defined and not set in `excluded`: `>=` from `<`, `<=` from `>`.
#[inline(never)]
pub fn defined_without(defined: &Bits, excluded: &Bits, into: &mut Bits) {
    for ((out, d), x) in into.iter_mut().zip(defined).zip(excluded) {
        *out = d & !x;
    }
}

/// Bits `strict` whose bar before was defined and not `strict`. `before` is `strict` and defined of the bar before the
/// stretch. With `strict` = greater this is "crosses above", with less "crosses below".
#[inline(never)]
pub fn crosses(strict: &Bits, defined: &Bits, before: (bool, bool), into: &mut Bits) {
    let mut earlier = u64::from(before.1 && !before.0);
    for ((out, s), d) in into.iter_mut().zip(strict).zip(defined) {
        let other = d & !s;
        *out = s & (other << 1 | earlier);
        earlier = other >> 63;
    }
}
