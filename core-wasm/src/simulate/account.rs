//! One fully invested long-only account: what a parameter point carries from stretch to stretch.

use super::Holding;
use super::daily::DailyReturns;
use super::drawdown::Drawdown;
use super::spread::Spread;
use super::tables::Tables;
use crate::metrics::TOLERANCE;

/// Equity below this fraction of the initial capital is nothing: the account is bust.
pub const BUST: f64 = 1e-6;

/// Cash, the open position and every sum behind the metrics. All money in quote currency.
pub struct Account {
    pub cash: f64,
    /// Cash below which nothing is left.
    bust_below: f64,
    /// Bar of the exit that left nothing. No trade follows it.
    bust: Option<usize>,
    /// Fill bar of the open position.
    entry: Option<usize>,
    /// Bar from whose close on equity is flat at `cash` and not yet in `equity_sum`.
    flat_from: usize,
    pub trades: TradeSums,
    /// Cash spent on entries and received from exits.
    pub bought: f64,
    pub sold: f64,
    pub held_bars: usize,
    /// Sum of equity over the closes of all bars so far.
    pub equity_sum: f64,
    pub daily: DailyReturns,
    pub drawdown: Drawdown,
}

impl Account {
    pub fn new(capital: f64) -> Self {
        Self {
            cash: capital,
            bust_below: capital * BUST,
            bust: None,
            entry: None,
            flat_from: 0,
            trades: TradeSums::default(),
            bought: 0.0,
            sold: 0.0,
            held_bars: 0,
            equity_sum: 0.0,
            daily: DailyReturns::new(capital),
            drawdown: Drawdown::new(capital),
        }
    }

    pub fn is_holding(&self) -> bool {
        self.entry.is_some()
    }

    /// Acts on signals: the bars alternately buy and sell, beginning with what the account can do next.
    /// Appends closed holdings to `closed` when it is given.
    #[inline(never)]
    pub fn act(&mut self, tables: &Tables, signal_bars: &[u32], mut closed: Option<&mut Vec<Holding>>) {
        let fill_bar = |signal: u32| signal as usize + tables.delay;
        let mut rest = signal_bars;
        if let (Some(entry), [first, later @ ..]) = (self.entry, rest) {
            self.trade(tables, Holding { entry, exit: fill_bar(*first) }, closed.as_deref_mut());
            self.entry = None;
            rest = later;
        }
        let mut pairs = rest.chunks_exact(2);
        for pair in &mut pairs {
            if self.bust.is_some() {
                return;
            }
            let holding = Holding { entry: fill_bar(pair[0]), exit: fill_bar(pair[1]) };
            self.trade(tables, holding, closed.as_deref_mut());
        }
        if let ([signal], None) = (pairs.remainder(), self.bust) {
            self.entry = Some(fill_bar(*signal));
        }
    }

    /// A whole round trip. The only chain from trade to trade is the product of growth factors.
    #[inline(always)]
    fn trade(&mut self, tables: &Tables, holding: Holding, closed: Option<&mut Vec<Holding>>) {
        let before = self.cash;
        self.hold(tables, holding, before * tables.units_per_cash(holding.entry));
        let growth = tables.growth(holding);
        self.cash = before * growth;
        self.sold += self.cash;
        self.trades.close(self.cash - before, growth - 1.0);
        self.flat_from = holding.exit;
        if self.cash < self.bust_below {
            self.go_bust(holding.exit);
        } else {
            self.drawdown.settle(self.cash, holding.exit);
        }
        if let Some(closed) = closed {
            closed.push(holding);
        }
    }

    /// Equity is 0 from the close of `bar` on.
    #[cold]
    fn go_bust(&mut self, bar: usize) {
        self.cash = 0.0;
        self.bust = Some(bar);
        self.drawdown.lose_everything();
    }

    #[inline(always)]
    fn hold(&mut self, tables: &Tables, holding: Holding, size: f64) {
        let cash = self.cash;
        self.bought += cash;
        self.held_bars += holding.exit - holding.entry;
        self.equity_sum += cash * (holding.entry - self.flat_from) as f64;
        self.equity_sum += size * tables.close_sum(holding.entry, holding.exit);
        self.daily.hold(tables, holding, size, cash);
        self.drawdown.hold(tables, holding, size, cash);
    }

    /// Ends the window: an open position is valued at the last close.
    pub fn end(&mut self, tables: &Tables) -> Ending {
        let bars = tables.bars();
        let Some(entry) = self.entry else {
            self.equity_sum += self.cash * (bars - self.flat_from) as f64;
            return Ending { open: None, equity: self.cash, bust: self.bust };
        };
        let holding = Holding { entry, exit: bars };
        let size = self.cash * tables.units_per_cash(entry);
        self.hold(tables, holding, size);
        let value = size * tables.closes()[bars - 1];
        if value < self.bust_below {
            self.equity_sum -= value;
            self.go_bust(bars - 1);
        }
        let equity = if self.bust.is_some() { 0.0 } else { value };
        Ending { open: Some(holding), equity, bust: self.bust }
    }
}

/// How an account stands at the end of the window.
pub struct Ending {
    /// The holding that is still open.
    pub open: Option<Holding>,
    pub equity: f64,
    /// The bar from whose close on equity is 0.
    pub bust: Option<usize>,
}

/// Sums over closed trades.
#[derive(Default)]
pub struct TradeSums {
    pub profits: Spread,
    pub wins: u32,
    pub losses: u32,
    pub gains: f64,
    /// Positive.
    pub lost: f64,
    /// Sum of cash growth less 1, fees included.
    pub growth: f64,
}

impl TradeSums {
    pub fn count(&self) -> f64 {
        f64::from(self.profits.count())
    }

    #[inline(always)]
    pub fn close(&mut self, pnl: f64, growth: f64) {
        self.growth += growth;
        // No branches: whether a trade wins is what no predictor can know.
        let (won, lost) = (growth >= TOLERANCE, growth <= -TOLERANCE);
        self.wins += u32::from(won);
        self.losses += u32::from(lost);
        self.gains += if won { pnl } else { 0.0 };
        self.lost -= if lost { pnl } else { 0.0 };
        self.profits.add(if won || lost { pnl } else { 0.0 });
    }
}
