//! Bar-wise arithmetic over columns.

use super::View;
use crate::indicators::Indicator;
use std::ops::Range;

/// `a op b` on every bar. Lookback: none. NaN or infinite where the arithmetic is.
#[derive(Clone, Copy)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Indicator<2> for Arithmetic {
    fn history(&self) -> usize {
        0
    }

    fn lookback(&self) -> usize {
        0
    }

    fn extend(&mut self, [a, b]: [View<'_>; 2], bars: Range<usize>, out: &mut [f64]) {
        let (a, b) = (a.slice(bars.clone()), b.slice(bars));
        match self {
            Self::Add => zip(a, b, out, |x, y| x + y),
            Self::Subtract => zip(a, b, out, |x, y| x - y),
            Self::Multiply => zip(a, b, out, |x, y| x * y),
            Self::Divide => zip(a, b, out, |x, y| x / y),
        }
    }
}

fn zip(a: &[f64], b: &[f64], out: &mut [f64], apply: impl Fn(f64, f64) -> f64) {
    for ((value, &x), &y) in out.iter_mut().zip(a).zip(b) {
        *value = apply(x, y);
    }
}

/// `x · factor` or `x + offset` on every bar. Lookback: none.
#[derive(Clone, Copy)]
pub enum ScaleBy {
    Factor(f64),
    Offset(f64),
}

impl Indicator<1> for ScaleBy {
    fn history(&self) -> usize {
        0
    }

    fn lookback(&self) -> usize {
        0
    }

    fn extend(&mut self, [x]: [View<'_>; 1], bars: Range<usize>, out: &mut [f64]) {
        let x = x.slice(bars);
        match *self {
            Self::Factor(factor) => out.iter_mut().zip(x).for_each(|(value, x)| *value = x * factor),
            Self::Offset(offset) => out.iter_mut().zip(x).for_each(|(value, x)| *value = x + offset),
        }
    }
}

/// The same value on every bar: the other side of a comparison with a number.
#[derive(Clone, Copy)]
pub struct Constant(pub f64);

impl Indicator<0> for Constant {
    fn history(&self) -> usize {
        0
    }

    fn lookback(&self) -> usize {
        0
    }

    fn extend(&mut self, []: [View<'_>; 0], _bars: Range<usize>, out: &mut [f64]) {
        out.fill(self.0);
    }
}
