//! Decoding a plan. `src/kernel/planner.ts` writes what this reads.
//!
//! Words: `[columns, comparisons, bits, shared, points, outputs]`, then
//! per column `[operation, input, input, input, constant index]`, then
//! per shared instruction `[code, into, a, b]`, then
//! per point `[instructions, enter, exit]` and its instructions, then one column id per output.
//! Constants are a table of doubles beside the words.

use crate::columns::{ColumnId, ColumnSpec};
use crate::error::KernelError;
use std::ops::Range;

/// One step of a condition. Registers hold comparisons or bits; a step reads only registers below the one it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    Compare { into: usize, a: ColumnId, b: ColumnId },
    Relate { relation: Relation, into: usize, comparison: usize },
    And { into: usize, a: usize, b: usize },
    Or { into: usize, a: usize, b: usize },
    Not { into: usize, a: usize },
}

/// What a condition asks of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Above,
    Below,
    AtLeast,
    AtMost,
    CrossesAbove,
    CrossesBelow,
}

/// One parameter point: its own instructions and the bits that hold its signals.
#[derive(Clone, Debug)]
pub struct Point {
    pub instructions: Range<usize>,
    pub enter: usize,
    pub exit: usize,
}

/// A decoded plan; every reference in it is valid.
#[derive(Debug, Default)]
pub struct Plan {
    pub columns: Vec<ColumnSpec>,
    pub comparisons: usize,
    pub bits: usize,
    /// Instructions whose results several points use.
    pub shared: Vec<Instruction>,
    /// The instructions of all points.
    pub own: Vec<Instruction>,
    pub points: Vec<Point>,
    /// Columns to hand out in full.
    pub outputs: Vec<ColumnId>,
}

impl Plan {
    /// # Errors
    /// `PlanMalformed` when words are missing or left over or a code is unknown, `PlanReference` for a reference to
    /// nothing or to a later register.
    pub fn decode(words: &[u32], constants: &[f64]) -> Result<Self, KernelError> {
        let mut reader = Reader(words);
        let [columns, comparisons, bits, shared, points, outputs] = reader.take()?.map(|n| n as usize);
        let mut plan = Plan { comparisons, bits, ..Plan::default() };
        for _ in 0..columns {
            let [operation, a, b, c, constant] = reader.take()?;
            let parameter = *constants.get(constant as usize).ok_or(KernelError::PlanReference)?;
            plan.columns.push(ColumnSpec { operation, inputs: [a, b, c].map(|id| id as usize), parameter });
        }
        for _ in 0..shared {
            let instruction = plan.instruction(reader.take()?)?;
            plan.shared.push(instruction);
        }
        for _ in 0..points {
            let [count, enter, exit] = reader.take()?.map(|n| n as usize);
            let start = plan.own.len();
            for _ in 0..count {
                let instruction = plan.instruction(reader.take()?)?;
                plan.own.push(instruction);
            }
            check(enter < bits && exit < bits)?;
            plan.points.push(Point { instructions: start..plan.own.len(), enter, exit });
        }
        for _ in 0..outputs {
            let [id] = reader.take()?;
            plan.outputs.push(id as usize);
        }
        if reader.0.is_empty() { Ok(plan) } else { Err(KernelError::PlanMalformed) }
    }

    fn instruction(&self, [code, into, a, b]: [u32; 4]) -> Result<Instruction, KernelError> {
        let [into, a, b] = [into, a, b].map(|n| n as usize);
        let relate = |relation| {
            check(into < self.bits && a < self.comparisons)?;
            Ok(Instruction::Relate { relation, into, comparison: a })
        };
        let combine = |instruction| {
            check(into < self.bits && a < into && b < into)?;
            Ok(instruction)
        };
        match code {
            0 => {
                check(into < self.comparisons)?;
                Ok(Instruction::Compare { into, a, b })
            }
            1 => relate(Relation::Above),
            2 => relate(Relation::Below),
            3 => relate(Relation::AtLeast),
            4 => relate(Relation::AtMost),
            5 => relate(Relation::CrossesAbove),
            6 => relate(Relation::CrossesBelow),
            7 => combine(Instruction::And { into, a, b }),
            8 => combine(Instruction::Or { into, a, b }),
            9 => combine(Instruction::Not { into, a }),
            _ => Err(KernelError::PlanMalformed),
        }
    }

    /// The pairs of columns that comparisons read.
    pub fn compared(&self) -> Vec<(ColumnId, ColumnId)> {
        let mut pairs: Vec<(ColumnId, ColumnId)> = Vec::new();
        for instruction in self.shared.iter().chain(&self.own) {
            if let &Instruction::Compare { a, b, .. } = instruction {
                pairs.push((a, b));
            }
        }
        pairs
    }
}

fn check(holds: bool) -> Result<(), KernelError> {
    if holds { Ok(()) } else { Err(KernelError::PlanReference) }
}

struct Reader<'a>(&'a [u32]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u32; N], KernelError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(KernelError::PlanMalformed)?;
        self.0 = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_words_that_are_missing_left_over_or_point_nowhere() {
        let decode = |words: &[u32]| Plan::decode(words, &[1.0]).map(|_| ());
        assert_eq!(decode(&[0, 0, 0, 0, 0, 0]), Ok(()));
        assert_eq!(decode(&[0, 0, 0, 0, 0]), Err(KernelError::PlanMalformed));
        assert_eq!(decode(&[0, 0, 0, 0, 0, 0, 7]), Err(KernelError::PlanMalformed));
        assert_eq!(decode(&[1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 1]), Err(KernelError::PlanReference));
        assert_eq!(decode(&[0, 1, 1, 1, 0, 0, 42, 0, 0, 0]), Err(KernelError::PlanMalformed));
        assert_eq!(decode(&[0, 1, 1, 1, 0, 0, 7, 0, 0, 0]), Err(KernelError::PlanReference));
        assert_eq!(decode(&[0, 0, 1, 0, 1, 0, 0, 1, 0]), Err(KernelError::PlanReference));
    }
}
