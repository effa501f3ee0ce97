//! The operations of a plan. The order of the codes is that of `OPERATIONS` in `src/kernel/expression.ts`.

use super::View;
use super::arithmetic::{Arithmetic, Constant, ScaleBy};
use crate::error::KernelError;
use crate::indicators::*;
use std::ops::Range;

/// Most inputs that an operation takes.
pub const INPUTS_MAX: usize = 3;

/// Longest period that is accepted, in bars.
const PERIOD_MAX: f64 = 1_000_000.0;

/// An operation with its parameters and its state between stretches.
pub enum Operation {
    Sma(Sma),
    Ema(Ema),
    Wma(Wma),
    Wilder(Wilder),
    Rsi(Rsi),
    StdDev(StdDev),
    ZScore(ZScore),
    TrueRange(TrueRange),
    Highest(Highest),
    Lowest(Lowest),
    RateOfChange(RateOfChange),
    Lag(Lag),
    Arithmetic(Arithmetic),
    ScaleBy(ScaleBy),
    Constant(Constant),
}

impl Operation {
    /// # Errors
    /// `PlanMalformed` for an unknown code, `PeriodZero` or `PeriodInvalid` for a period that is no number of bars.
    pub fn new(code: u32, parameter: f64) -> Result<Self, KernelError> {
        let period = || to_period(parameter);
        Ok(match code {
            0 => Self::Sma(Sma::new(period()?)?),
            1 => Self::Ema(Ema::new(period()?)?),
            2 => Self::Wma(Wma::new(period()?)?),
            3 => Self::Wilder(Wilder::new(period()?)?),
            4 => Self::Rsi(Rsi::new(period()?)?),
            5 => Self::StdDev(StdDev::new(period()?)?),
            6 => Self::ZScore(ZScore::new(period()?)?),
            7 => Self::TrueRange(TrueRange::new()),
            8 => Self::Highest(Highest::new(period()?)?),
            9 => Self::Lowest(Lowest::new(period()?)?),
            10 => Self::RateOfChange(RateOfChange::new(period()?)?),
            11 => Self::Lag(Lag::new(period()?)?),
            12 => Self::Arithmetic(Arithmetic::Add),
            13 => Self::Arithmetic(Arithmetic::Subtract),
            14 => Self::Arithmetic(Arithmetic::Multiply),
            15 => Self::Arithmetic(Arithmetic::Divide),
            16 => Self::ScaleBy(ScaleBy::Factor(parameter)),
            17 => Self::ScaleBy(ScaleBy::Offset(parameter)),
            18 => Self::Constant(Constant(parameter)),
            _ => return Err(KernelError::PlanMalformed),
        })
    }

    /// Number of input columns.
    pub fn inputs(&self) -> usize {
        match self {
            Self::TrueRange(_) => 3,
            Self::Arithmetic(_) => 2,
            Self::Constant(_) => 0,
            _ => 1,
        }
    }

    /// Bars before a stretch that `extend` may read from its inputs.
    pub fn history(&self) -> usize {
        self.reach().1
    }

    /// Bars from the inputs' first defined bar to the first defined bar of the result.
    pub fn lookback(&self) -> usize {
        self.reach().0
    }

    /// See [`Indicator::settling`].
    pub fn settling(&self, weight: f64) -> usize {
        match self {
            Self::Ema(x) => x.settling(weight),
            Self::Wilder(x) => x.settling(weight),
            Self::Rsi(x) => x.settling(weight),
            _ => 0,
        }
    }

    fn reach(&self) -> (usize, usize) {
        fn of<const N: usize>(indicator: &impl Indicator<N>) -> (usize, usize) {
            (indicator.lookback(), indicator.history())
        }
        match self {
            Self::Sma(x) => of(x),
            Self::Ema(x) => of(x),
            Self::Wma(x) => of(x),
            Self::Wilder(x) => of(x),
            Self::Rsi(x) => of(x),
            Self::StdDev(x) => of(x),
            Self::ZScore(x) => of(x),
            Self::TrueRange(x) => of(x),
            Self::Highest(x) => of(x),
            Self::Lowest(x) => of(x),
            Self::RateOfChange(x) => of(x),
            Self::Lag(x) => of(x),
            Self::Arithmetic(x) => of(x),
            Self::ScaleBy(x) => of(x),
            Self::Constant(x) => of(x),
        }
    }

    /// Computes the bars `bars` from the inputs; see [`Indicator::extend`]. Inputs beyond [`Self::inputs`] are ignored.
    pub fn extend(&mut self, inputs: [View<'_>; INPUTS_MAX], bars: Range<usize>, out: &mut [f64]) {
        let [a, b, _] = inputs;
        match self {
            Self::Sma(x) => x.extend([a], bars, out),
            Self::Ema(x) => x.extend([a], bars, out),
            Self::Wma(x) => x.extend([a], bars, out),
            Self::Wilder(x) => x.extend([a], bars, out),
            Self::Rsi(x) => x.extend([a], bars, out),
            Self::StdDev(x) => x.extend([a], bars, out),
            Self::ZScore(x) => x.extend([a], bars, out),
            Self::TrueRange(x) => x.extend(inputs, bars, out),
            Self::Highest(x) => x.extend([a], bars, out),
            Self::Lowest(x) => x.extend([a], bars, out),
            Self::RateOfChange(x) => x.extend([a], bars, out),
            Self::Lag(x) => x.extend([a], bars, out),
            Self::Arithmetic(x) => x.extend([a, b], bars, out),
            Self::ScaleBy(x) => x.extend([a], bars, out),
            Self::Constant(x) => x.extend([], bars, out),
        }
    }
}

fn to_period(parameter: f64) -> Result<usize, KernelError> {
    if parameter == 0.0 {
        return Err(KernelError::PeriodZero);
    }
    if parameter.fract() == 0.0 && (1.0..=PERIOD_MAX).contains(&parameter) {
        Ok(parameter as usize)
    } else {
        Err(KernelError::PeriodInvalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_whole_numbers_of_bars_as_periods_and_nothing_else() {
        let refused = |parameter| Operation::new(0, parameter).err();
        assert_eq!(refused(0.0), Some(KernelError::PeriodZero));
        for parameter in [2.5, -1.0, 1_000_001.0, f64::NAN, f64::INFINITY] {
            assert_eq!(refused(parameter), Some(KernelError::PeriodInvalid), "{parameter}");
        }
        assert_eq!(Operation::new(0, 1_000_000.0).unwrap().lookback(), 999_999);
    }

    #[test]
    fn only_recurrences_settle() {
        let settling = |code| Operation::new(code, 14.0).unwrap().settling(1e-3);
        let bars: Vec<usize> = (0..19).map(settling).collect();
        // (13 / 15)^49 and (13 / 14)^94 are the first powers below 1e-3.
        assert_eq!(bars, [&[0, 49, 0, 94, 94][..], &[0; 14]].concat());
    }

    #[test]
    fn refuses_a_code_without_an_operation() {
        assert_eq!(Operation::new(19, 1.0).err(), Some(KernelError::PlanMalformed));
    }
}
