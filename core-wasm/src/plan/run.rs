//! Running a plan: stretch by stretch over all bars, and in every stretch point by point.

use super::program::{Instruction, Plan, Relation};
use crate::bitmap::{self, Bits, Comparison, WORDS};
use crate::columns::ColumnSet;
use crate::error::KernelError;
use crate::market::{Candles, STRETCH};
use crate::simulate::{Account, Holding, Tables, scan};
use std::ops::Range;

/// What a run needs besides its plan.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub candles: &'a Candles,
    pub tables: &'a Tables,
    /// Compares every bar in scalar code: the reference that the vector code must equal bit for bit.
    pub plain: bool,
}

/// Runs all points of the plan and returns their accounts at the end of the window, in order.
/// With `closed`, the closed holdings of all points are appended to it.
///
/// # Errors
/// `ColumnMissing`, `PlanReference`, `PeriodZero` or `PeriodInvalid` when the plan does not fit the candles.
pub fn run(
    run: Run<'_>,
    plan: &Plan,
    mut closed: Option<&mut Vec<Holding>>,
) -> Result<Vec<Account>, KernelError> {
    let mut columns = ColumnSet::new(&plan.columns, &plan.compared())?;
    let mut registers = Registers::new(plan);
    let capital = run.tables.execution.initial_capital;
    let mut accounts: Vec<Account> = plan.points.iter().map(|_| Account::new(capital)).collect();
    let mut signal_bars = [0; STRETCH];
    let window = run.tables.window();
    for start in (0..window.end).step_by(STRETCH) {
        columns.advance(run.candles, start)?;
        let active = active_bars(&window, run.tables.delay, start);
        if !active.is_empty() {
            let stretch = Stretch { run, columns: &columns };
            registers.apply(stretch, &plan.shared)?;
            let first_bar = (start as u32).wrapping_sub(window.start as u32);
            for (point, account) in plan.points.iter().zip(&mut accounts) {
                registers.apply(stretch, &plan.own[point.instructions.clone()])?;
                let (enter, exit) = (&registers.bits[point.enter], &registers.bits[point.exit]);
                let holding = account.is_holding();
                let count = scan(enter, exit, active.clone(), first_bar, holding, &mut signal_bars);
                account.act(run.tables, &signal_bars[..count], closed.as_deref_mut());
            }
        }
        columns.retire();
    }
    Ok(accounts)
}

/// Computes the plan's output columns over all bars; column after column in one vector.
///
/// # Errors
/// As [`run`].
pub fn evaluate(candles: &Candles, plan: &Plan) -> Result<Vec<f64>, KernelError> {
    let bars = candles.bars();
    let mut columns = ColumnSet::new(&plan.columns, &[])?;
    let mut values = vec![f64::NAN; bars * plan.outputs.len()];
    for start in (0..bars).step_by(STRETCH) {
        columns.advance(candles, start)?;
        let length = STRETCH.min(bars - start);
        for (output, &id) in plan.outputs.iter().enumerate() {
            let at = output * bars + start;
            values[at..at + length].copy_from_slice(&columns.values(candles, id)?[..length]);
        }
        columns.retire();
    }
    Ok(values)
}

/// The bars of the stretch on which a signal acts: inside the window, with a bar left to fill on.
fn active_bars(window: &Range<usize>, delay: usize, start: usize) -> Range<usize> {
    let first = window.start.max(start);
    let end = (window.end - delay).min(start + STRETCH);
    if first < end { first - start..end - start } else { 0..0 }
}

/// Read access to one stretch of all columns.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    run: Run<'a>,
    columns: &'a ColumnSet,
}

/// Registers of the conditions over one stretch.
struct Registers {
    comparisons: Vec<Comparison>,
    bits: Vec<Bits>,
}

impl Registers {
    fn new(plan: &Plan) -> Self {
        Self { comparisons: vec![Comparison::default(); plan.comparisons], bits: vec![[0; WORDS]; plan.bits] }
    }

    fn apply(&mut self, stretch: Stretch<'_>, instructions: &[Instruction]) -> Result<(), KernelError> {
        for &instruction in instructions {
            match instruction {
                Instruction::Compare { into, a, b } => {
                    let candles = stretch.run.candles;
                    let (a, b) = (stretch.columns.operand(candles, a)?, stretch.columns.operand(candles, b)?);
                    bitmap::compare(a, b, stretch.run.plain, &mut self.comparisons[into]);
                }
                Instruction::Relate { relation, into, comparison } => {
                    relate(relation, &self.comparisons[comparison], &mut self.bits[into]);
                }
                Instruction::And { into, a, b } => {
                    self.combine(into, |below, out| bitmap::and(&below[a], &below[b], out))
                }
                Instruction::Or { into, a, b } => {
                    self.combine(into, |below, out| bitmap::or(&below[a], &below[b], out))
                }
                Instruction::Not { into, a } => self.combine(into, |below, out| bitmap::not(&below[a], out)),
            }
        }
        Ok(())
    }

    /// Writes one register from registers below it.
    fn combine(&mut self, into: usize, apply: impl FnOnce(&[Bits], &mut Bits)) {
        let (below, rest) = self.bits.split_at_mut(into);
        apply(below, &mut rest[0]);
    }
}

fn relate(relation: Relation, comparison: &Comparison, into: &mut Bits) {
    let Comparison { greater, less, defined, before } = comparison;
    let [was_greater, was_less, was_defined] = *before;
    match relation {
        Relation::Above => *into = *greater,
        Relation::Below => *into = *less,
        Relation::AtLeast => bitmap::defined_without(defined, less, into),
        Relation::AtMost => bitmap::defined_without(defined, greater, into),
        Relation::CrossesAbove => bitmap::crosses(greater, defined, (was_greater, was_defined), into),
        Relation::CrossesBelow => bitmap::crosses(less, defined, (was_less, was_defined), into),
    }
}
