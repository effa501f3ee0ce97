//! All columns of a block, computed stretch by stretch.

use super::families::Families;
use super::operation::{INPUTS_MAX, Operation};
use super::view::View;
use crate::bitmap::{Operand, Outline, Scale};
use crate::error::KernelError;
use crate::market::{CANDLE_COLUMNS, Candles, STRETCH};
use std::ops::Range;

/// How a plan names a column: candle columns by their codes, computed ones after them in plan order.
pub type ColumnId = usize;

/// One computed column of a plan.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSpec {
    pub operation: u32,
    pub inputs: [ColumnId; INPUTS_MAX],
    pub parameter: f64,
}

/// A computed column with as much of its past as its consumers read.
struct Column {
    operation: Operation,
    inputs: [ColumnId; INPUTS_MAX],
    /// First defined bar.
    first: usize,
    /// Bars kept before the stretch.
    history: usize,
    /// `history` bars of the past, then the stretch.
    buffer: Vec<f64>,
}

/// Columns of candles and operations over them. Memory: one stretch and the longest read-back per computed column,
/// whatever the number of bars.
pub struct ColumnSet {
    columns: Vec<Column>,
    /// Outlines of the columns that are compared, by column id.
    outlines: Vec<Option<Box<Outline>>>,
    /// Columns that are compared with each other share a scale.
    families: Families,
    /// Bar at which the current stretch starts.
    start: usize,
}

impl ColumnSet {
    /// Prepares the columns; `compared` are the pairs that comparisons read.
    ///
    /// # Errors
    /// `PlanReference` when an input is not computed before it is used, and the errors of [`Operation::new`].
    pub fn new(specs: &[ColumnSpec], compared: &[(ColumnId, ColumnId)]) -> Result<Self, KernelError> {
        let mut columns: Vec<Column> = Vec::with_capacity(specs.len());
        for spec in specs {
            let column = connect(&columns, spec)?;
            let history = column.operation.history();
            for &input in &spec.inputs[..column.operation.inputs()] {
                if let Some(read) = input.checked_sub(CANDLE_COLUMNS) {
                    columns[read].history = columns[read].history.max(history);
                }
            }
            columns.push(column);
        }
        for column in &mut columns {
            // Whole cache lines of past, so that the stretch starts where vectors load fastest.
            column.history = column.history.next_multiple_of(8);
            column.buffer = vec![f64::NAN; column.history + STRETCH];
        }
        let ids = CANDLE_COLUMNS + columns.len();
        let mut outlines: Vec<Option<Box<Outline>>> = vec![None; ids];
        for &(a, b) in compared {
            for id in [a, b] {
                outlines.get_mut(id).ok_or(KernelError::PlanReference)?.get_or_insert_with(Outline::new);
            }
        }
        Ok(Self { columns, outlines, families: Families::new(ids, compared), start: 0 })
    }

    /// Computes the stretch that starts at bar `start`, a multiple of [`STRETCH`]; stretches come in order from bar 0.
    ///
    /// # Errors
    /// `ColumnMissing` when a candle column was not uploaded.
    pub fn advance(&mut self, candles: &Candles, start: usize) -> Result<(), KernelError> {
        let bars = start..candles.bars().min(start + STRETCH);
        self.start = start;
        for index in 0..self.columns.len() {
            let (before, rest) = self.columns.split_at_mut(index);
            compute(before, &mut rest[0], candles, bars.clone())?;
        }
        self.outline(candles)
    }

    /// Outlines the compared columns, each family on one scale.
    fn outline(&mut self, candles: &Candles) -> Result<(), KernelError> {
        let mut outlines = std::mem::take(&mut self.outlines);
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); self.families.count()];
        for (id, outline) in present(&mut outlines) {
            let (low, high) = outline.measure(self.values(candles, id)?);
            let range = &mut ranges[self.families.of(id)];
            *range = (range.0.min(low), range.1.max(high));
        }
        for (id, outline) in present(&mut outlines) {
            let (low, high) = ranges[self.families.of(id)];
            outline.draw(self.values(candles, id)?, Scale::new(low, high));
        }
        self.outlines = outlines;
        Ok(())
    }

    /// Moves the end of the current stretch into the past of the next one.
    pub fn retire(&mut self) {
        for column in &mut self.columns {
            let end = column.buffer.len();
            column.buffer.copy_within(end - column.history..end, 0);
        }
    }

    /// The current stretch of a column as one side of a comparison.
    ///
    /// # Errors
    /// `ColumnMissing` when a candle column was not uploaded, `PlanReference` when the column was not announced.
    pub fn operand<'a>(&'a self, candles: &'a Candles, id: ColumnId) -> Result<Operand<'a>, KernelError> {
        let outline = self.outlines.get(id).and_then(Option::as_ref).ok_or(KernelError::PlanReference)?;
        let values = self.values(candles, id)?;
        let before = match id.checked_sub(CANDLE_COLUMNS) {
            _ if self.start == 0 => f64::NAN,
            Some(computed) => {
                let column = &self.columns[computed];
                column.buffer[column.history - 1]
            }
            None => candles.column(id)?[self.start - 1],
        };
        Ok(Operand { values, outline, before })
    }

    /// The current stretch of a column.
    ///
    /// # Errors
    /// `ColumnMissing` when a candle column was not uploaded.
    pub fn values<'a>(
        &'a self,
        candles: &'a Candles,
        id: ColumnId,
    ) -> Result<&'a [f64; STRETCH], KernelError> {
        let stretch = match id.checked_sub(CANDLE_COLUMNS) {
            Some(computed) => {
                let column = &self.columns[computed];
                &column.buffer[column.history..]
            }
            None => &candles.column(id)?[self.start..self.start + STRETCH],
        };
        stretch.try_into().map_err(|_| KernelError::LengthMismatch)
    }
}

fn present(outlines: &mut [Option<Box<Outline>>]) -> impl Iterator<Item = (ColumnId, &mut Outline)> {
    outlines.iter_mut().enumerate().filter_map(|(id, outline)| Some((id, outline.as_deref_mut()?)))
}

/// Every column keeps one bar of its past, for crossings.
const HISTORY_MIN: usize = 1;

fn connect(columns: &[Column], spec: &ColumnSpec) -> Result<Column, KernelError> {
    let operation = Operation::new(spec.operation, spec.parameter)?;
    let inputs = &spec.inputs[..operation.inputs()];
    if inputs.iter().any(|&id| id >= CANDLE_COLUMNS + columns.len()) {
        return Err(KernelError::PlanReference);
    }
    let defined = inputs.iter().map(|&id| first_of(columns, id)).max().unwrap_or(0);
    let first = defined + operation.lookback();
    Ok(Column { operation, inputs: spec.inputs, first, history: HISTORY_MIN, buffer: Vec::new() })
}

fn first_of(columns: &[Column], id: ColumnId) -> usize {
    id.checked_sub(CANDLE_COLUMNS).map_or(0, |computed| columns[computed].first)
}

fn compute(
    before: &[Column],
    column: &mut Column,
    candles: &Candles,
    bars: Range<usize>,
) -> Result<(), KernelError> {
    let start = bars.start;
    let mut views = [View::new(&[], start, 0); INPUTS_MAX];
    for (view, &id) in views.iter_mut().zip(&column.inputs[..column.operation.inputs()]) {
        *view = match id.checked_sub(CANDLE_COLUMNS) {
            Some(computed) => before[computed].view(start),
            None => View::new(candles.column(id)?, 0, 0),
        };
    }
    let stretch = &mut column.buffer[column.history..];
    let (now, beyond) = stretch.split_at_mut(bars.len());
    beyond.fill(f64::NAN);
    column.operation.extend(views, bars, now);
    Ok(())
}

impl Column {
    /// The stretch that starts at bar `start` and what is kept of the past.
    fn view(&self, start: usize) -> View<'_> {
        let past = self.history.min(start);
        View::new(&self.buffer[self.history - past..], start - past, self.first)
    }
}
