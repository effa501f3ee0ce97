//! A run in full: its trades and equity curve, from the holdings that the simulation closed.

use super::tables::Tables;
use super::{Ending, Holding};
use crate::metrics::TOLERANCE;

/// Trades as columns and one value per judged bar.
#[derive(Default)]
pub struct Expansion {
    /// Indices into the candles; -1 as exit: still open.
    pub entry_bar: Vec<i32>,
    pub exit_bar: Vec<i32>,
    pub entry_price: Vec<f64>,
    pub exit_price: Vec<f64>,
    pub size: Vec<f64>,
    pub pnl: Vec<f64>,
    pub trade_return: Vec<f64>,
    pub fees: Vec<f64>,
    pub equity: Vec<f64>,
    pub drawdown: Vec<f64>,
    pub exposure: Vec<f64>,
}

/// Expands the closed holdings, in time order, and the open one at the end. From the bar `bust` on equity is 0.
pub fn expand(tables: &Tables, closed: &[Holding], ending: &Ending) -> Expansion {
    let mut all = Expansion { exposure: vec![0.0; tables.bars()], ..Expansion::default() };
    let mut cash = tables.execution.initial_capital;
    for &holding in closed {
        cash = all.hold(tables, holding, cash);
    }
    match ending.open {
        Some(holding) => all.hold_to_end(tables, holding, cash),
        None => all.equity.resize(tables.bars(), cash),
    }
    if let Some(bar) = ending.bust {
        all.equity[bar..].fill(0.0);
    }
    all.drawdown = drawdowns(&all.equity, tables.execution.initial_capital);
    all
}

impl Expansion {
    /// Adds a round trip; returns the cash after it.
    fn hold(&mut self, tables: &Tables, holding: Holding, cash: f64) -> f64 {
        let costs = tables.execution;
        let size = self.enter(tables, holding, cash);
        let growth = tables.growth(holding);
        let after = cash * growth;
        let exit_price = tables.fill(holding.exit) * (1.0 - costs.slippage);
        let fees = entry_fee(tables, cash) + size * exit_price * costs.commission;
        self.leave(
            (tables.window().start + holding.exit) as i32,
            exit_price,
            after - cash,
            (growth - 1.0) * (1.0 + costs.commission),
            fees,
        );
        after
    }

    fn hold_to_end(&mut self, tables: &Tables, holding: Holding, cash: f64) {
        let size = self.enter(tables, holding, cash);
        let value = size * tables.closes()[tables.bars() - 1];
        let growth = value / cash - 1.0;
        let pnl_return = growth * (1.0 + tables.execution.commission);
        self.leave(-1, f64::NAN, value - cash, pnl_return, entry_fee(tables, cash));
    }

    /// Adds the entry and the equity up to the exit; returns the size.
    fn enter(&mut self, tables: &Tables, holding: Holding, cash: f64) -> f64 {
        let size = cash * tables.units_per_cash(holding.entry);
        self.entry_bar.push((tables.window().start + holding.entry) as i32);
        self.entry_price.push(tables.fill(holding.entry) * (1.0 + tables.execution.slippage));
        self.size.push(size);
        self.equity.resize(holding.entry, cash);
        let held = holding.entry..holding.exit;
        self.equity.extend(tables.closes()[held.clone()].iter().map(|close| size * close));
        self.exposure[held].fill(1.0);
        size
    }

    fn leave(&mut self, bar: i32, price: f64, pnl: f64, trade_return: f64, fees: f64) {
        self.exit_bar.push(bar);
        self.exit_price.push(price);
        self.pnl.push(pnl);
        self.trade_return.push(trade_return);
        self.fees.push(fees);
    }
}

fn entry_fee(tables: &Tables, cash: f64) -> f64 {
    let commission = tables.execution.commission;
    cash * (commission / (1.0 + commission))
}

fn drawdowns(equity: &[f64], capital: f64) -> Vec<f64> {
    let mut peak = capital;
    let below = |&value: &f64| {
        peak = if value > peak { value } else { peak };
        let depth = 1.0 - value / peak;
        if depth < TOLERANCE { 0.0 } else { depth }
    };
    equity.iter().map(below).collect()
}
