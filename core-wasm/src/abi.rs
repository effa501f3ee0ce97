//! The only boundary to the host. One engine per instance; calls return a status code (0 is success, else
//! [`KernelError`]) and hand out addresses in linear memory. An address is valid until the next call.

use crate::error::KernelError;
use crate::execution::Execution;
use crate::market::Candles;
use crate::metrics::{NAMES, Summary, write_row};
use crate::plan::{Plan, Run, evaluate, run};
use crate::simulate::{Expansion, Tables, expand};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

#[derive(Default)]
struct Engine {
    candles: Option<Candles>,
    tables: Option<Tables>,
    /// Block of the execution settings of the next `commit_market`.
    execution: [f64; Execution::LENGTH],
    words: Vec<u32>,
    constants: Vec<f64>,
    /// Result of the last `run_points` or `evaluate_columns`.
    values: Vec<f64>,
    expansion: Expansion,
    layout: String,
    plain: bool,
}

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::default();
}

fn with<T>(call: impl FnOnce(&mut Engine) -> T) -> T {
    ENGINE.with_borrow_mut(call)
}

fn status(call: impl FnOnce(&mut Engine) -> Result<(), KernelError>) -> u32 {
    match with(call) {
        Ok(()) => 0,
        Err(error) => error as u32,
    }
}

/// Address of a text that says what is where in the blocks that cross this boundary. The host compares it with its own.
#[wasm_bindgen]
pub fn layout_address() -> usize {
    with(|engine| {
        engine.layout = format!("execution {}\nrow {}", Execution::layout(), NAMES.join(" "));
        engine.layout.as_ptr() as usize
    })
}

/// Bytes of the text at `layout_address`.
#[wasm_bindgen]
pub fn layout_length() -> usize {
    with(|engine| engine.layout.len())
}

/// Forgets the market and makes room for another of `bars` bars of `interval_ms` milliseconds.
#[wasm_bindgen]
pub fn begin_market(bars: usize, interval_ms: f64) {
    with(|engine| {
        engine.tables = None;
        engine.candles = Some(Candles::new(bars, interval_ms));
    });
}

/// Address of room for candle column `code` (open, high, low, close, volume), one double per bar. 0 without a market.
#[wasm_bindgen]
pub fn column_address(code: usize) -> usize {
    with(|engine| engine.candles.as_mut().map_or(0, |candles| candles.column_mut(code).as_mut_ptr() as usize))
}

/// Address of room for the open times in epoch milliseconds, one double per bar. 0 without a market.
#[wasm_bindgen]
pub fn open_time_address() -> usize {
    with(|engine| engine.candles.as_mut().map_or(0, |candles| candles.open_time_mut().as_mut_ptr() as usize))
}

/// Address of room for the execution settings, one double each, in the order of the layout.
#[wasm_bindgen]
pub fn execution_address() -> usize {
    with(|engine| engine.execution.as_mut_ptr() as usize)
}

/// Prepares the simulation over the bars `first .. end` with the settings at `execution_address`.
#[wasm_bindgen]
pub fn commit_market(first: usize, end: usize) -> u32 {
    status(|engine| {
        let candles = engine.candles.as_mut().ok_or(KernelError::NoMarket)?;
        let execution = Execution::read(&engine.execution)?;
        engine.tables = Some(Tables::new(candles, first..end, execution)?);
        Ok(())
    })
}

/// Address of room for `count` words of a plan.
#[wasm_bindgen]
pub fn words_address(count: usize) -> usize {
    with(|engine| {
        engine.words.resize(count, 0);
        engine.words.as_mut_ptr() as usize
    })
}

/// Address of room for `count` constants of a plan.
#[wasm_bindgen]
pub fn constants_address(count: usize) -> usize {
    with(|engine| {
        engine.constants.resize(count, 0.0);
        engine.constants.as_mut_ptr() as usize
    })
}

/// Turns the vector code and the skipping of decided words off, for tests.
#[wasm_bindgen]
pub fn set_plain(plain: bool) {
    with(|engine| engine.plain = plain);
}

/// Runs the uploaded plan; `values_address` then holds one row of metrics per point.
#[wasm_bindgen]
pub fn run_points() -> u32 {
    status(|engine| {
        let plan = Plan::decode(&engine.words, &engine.constants)?;
        let context = engine.context()?;
        let accounts = run(context, &plan, None)?;
        let mut rows = Vec::with_capacity(accounts.len() * NAMES.len());
        for account in accounts {
            let (summary, _) = Summary::of(account, context.tables);
            write_row(&summary, &mut rows);
        }
        engine.values = rows;
        Ok(())
    })
}

/// Runs the single point of the uploaded plan and keeps its trades and equity curve for `trace_address`.
#[wasm_bindgen]
pub fn trace_point() -> u32 {
    status(|engine| {
        let plan = Plan::decode(&engine.words, &engine.constants)?;
        let context = engine.context()?;
        let mut closed = Vec::new();
        let account = run(context, &plan, Some(&mut closed))?.pop().ok_or(KernelError::PlanMalformed)?;
        let (summary, ending) = Summary::of(account, context.tables);
        let expansion = expand(context.tables, &closed, &ending);
        engine.values.clear();
        write_row(&summary, &mut engine.values);
        engine.expansion = expansion;
        Ok(())
    })
}

/// Computes the output columns of the uploaded plan over all bars into `values_address`, column after column.
#[wasm_bindgen]
pub fn evaluate_columns() -> u32 {
    status(|engine| {
        let plan = Plan::decode(&engine.words, &engine.constants)?;
        let candles = engine.candles.as_ref().ok_or(KernelError::NoMarket)?;
        engine.values = evaluate(candles, &plan)?;
        Ok(())
    })
}

/// Address of the values of the last call that computed some.
#[wasm_bindgen]
pub fn values_address() -> usize {
    with(|engine| engine.values.as_ptr() as usize)
}

/// Number of doubles at `values_address`.
#[wasm_bindgen]
pub fn values_length() -> usize {
    with(|engine| engine.values.len())
}

/// Number of trades of the last `trace_point`.
#[wasm_bindgen]
pub fn trace_trades() -> usize {
    with(|engine| engine.expansion.size.len())
}

/// Address of a column of the last `trace_point`: 0 entry bar, 1 exit bar (32-bit integers), 2 entry price, 3 exit price,
/// 4 size, 5 profit, 6 return, 7 fees (doubles, one per trade), 8 equity, 9 drawdown, 10 exposure (one per judged bar).
#[wasm_bindgen]
pub fn trace_address(column: u32) -> usize {
    with(|engine| {
        let all = &engine.expansion;
        match column {
            0 => all.entry_bar.as_ptr() as usize,
            1 => all.exit_bar.as_ptr() as usize,
            2 => all.entry_price.as_ptr() as usize,
            3 => all.exit_price.as_ptr() as usize,
            4 => all.size.as_ptr() as usize,
            5 => all.pnl.as_ptr() as usize,
            6 => all.trade_return.as_ptr() as usize,
            7 => all.fees.as_ptr() as usize,
            8 => all.equity.as_ptr() as usize,
            9 => all.drawdown.as_ptr() as usize,
            10 => all.exposure.as_ptr() as usize,
            _ => 0,
        }
    })
}

/// Bars before the first value of an operation, counted from the first value of its inputs. Negative: refused, with
/// the status code as magnitude.
#[wasm_bindgen]
pub fn operation_lookback(code: u32, parameter: f64) -> i32 {
    match crate::columns::Operation::new(code, parameter) {
        Ok(operation) => operation.lookback() as i32,
        Err(error) => -(error as i32),
    }
}

/// Bars from the first value of an operation on after which an unknown seed of it weighs less than `weight`; 0 but for
/// recurrences. Negative as `operation_lookback`.
#[wasm_bindgen]
pub fn operation_settling(code: u32, parameter: f64, weight: f64) -> i32 {
    match crate::columns::Operation::new(code, parameter) {
        Ok(operation) => operation.settling(weight) as i32,
        Err(error) => -(error as i32),
    }
}

impl Engine {
    fn context(&self) -> Result<Run<'_>, KernelError> {
        let (Some(candles), Some(tables)) = (&self.candles, &self.tables) else {
            return Err(KernelError::NoMarket);
        };
        Ok(Run { candles, tables, plain: self.plain })
    }
}
