//! Compares whole series with those of independent projects; sources and licences: tests/golden/indicators/README.md.
//! The same comparisons run against the WASM build in tests/golden/indicators/oracles.test.ts.

use core_wasm::columns::View;
use core_wasm::indicators::*;
use std::path::Path;

/// The columns of a CSV file as numbers; what is not a number is NaN.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Table {
    fn read(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/indicators").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let header = lines.next().unwrap().split(',').map(str::to_owned).collect();
        let number = |cell: &str| cell.trim().parse().unwrap_or(f64::NAN);
        Self { header, rows: lines.map(|line| line.split(',').map(number).collect()).collect() }
    }

    fn column(&self, name: &str) -> Vec<f64> {
        let index = self.header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|row| row.get(index).copied().unwrap_or(f64::NAN)).collect()
    }
}

/// A column and its first defined bar.
struct Column {
    values: Vec<f64>,
    first: usize,
}

impl Column {
    fn of(values: Vec<f64>) -> Self {
        Self { values, first: 0 }
    }

    fn view(&self) -> View<'_> {
        View::new(&self.values, 0, self.first)
    }

    fn zip(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        let values = self.values.iter().zip(&other.values).map(|(a, b)| combine(*a, *b)).collect();
        Self { values, first: self.first.max(other.first) }
    }
}

fn apply<const N: usize>(mut indicator: impl Indicator<N>, inputs: [&Column; N]) -> Column {
    let mut values = vec![0.0; inputs[0].values.len()];
    indicator.extend(inputs.map(Column::view), 0..values.len(), &mut values);
    let first = inputs.iter().map(|column| column.first).max().unwrap() + indicator.lookback();
    Column { values, first }
}

/// Every figure of `expected` from bar `skip` on; at least half of the defined bars must have one.
fn assert_matches(
    name: &str,
    actual: &Column,
    expected: &[f64],
    skip: usize,
    tolerance: impl Fn(f64) -> f64,
) {
    let mut compared = 0;
    for (bar, want) in expected.iter().enumerate().skip(skip).filter(|(_, want)| want.is_finite()) {
        let got = actual.values[bar];
        assert!((got - want).abs() <= tolerance(*want), "{name}, bar {bar}: {got} instead of {want}");
        compared += 1;
    }
    let possible = expected.len() - skip.max(actual.first);
    assert!(compared >= possible / 2 && compared > 10, "{name}: only {compared} figures compared");
}

mod stock_indicators {
    use super::*;

    fn input(name: &str) -> Column {
        Column::of(Table::read("stock-indicators/input.csv").column(name))
    }

    /// Also requires the same first defined bar.
    fn check(actual: &Column, file: &str, column: &str) {
        let expected = Table::read(&format!("stock-indicators/{file}")).column(column);
        assert_eq!(
            expected.iter().position(|v| v.is_finite()),
            Some(actual.first),
            "first value of {file} {column}"
        );
        // 1e-9 relative; figures around zero are differences of prices of about 250.
        assert_matches(file, actual, &expected, 0, |want| 1e-9 * want.abs().max(1e-3));
    }

    #[test]
    fn averages() {
        let close = input("close");
        check(&apply(Sma::new(20).unwrap(), [&close]), "sma.csv", "sma");
        check(&apply(Ema::new(20).unwrap(), [&close]), "ema.csv", "ema");
        check(&apply(Wma::new(14).unwrap(), [&close]), "wma.csv", "wma");
        check(&apply(Wilder::new(20).unwrap(), [&close]), "smma.csv", "smma");
    }

    #[test]
    fn oscillators() {
        let close = input("close");
        check(&apply(Rsi::new(14).unwrap(), [&close]), "rsi.csv", "rsi");
        check(&apply(RateOfChange::new(14).unwrap(), [&close]), "roc.csv", "roc");
    }

    #[test]
    fn macd() {
        let close = input("close");
        let (fast, slow) = (apply(Ema::new(12).unwrap(), [&close]), apply(Ema::new(26).unwrap(), [&close]));
        let macd = fast.zip(&slow, |a, b| a - b);
        let signal = apply(Ema::new(9).unwrap(), [&macd]);
        check(&macd, "macd.csv", "macd");
        check(&signal, "macd.csv", "signal");
        check(&macd.zip(&signal, |a, b| a - b), "macd.csv", "histogram");
    }

    #[test]
    fn deviations() {
        let close = input("close");
        let (middle, deviation) =
            (apply(Sma::new(20).unwrap(), [&close]), apply(StdDev::new(20).unwrap(), [&close]));
        check(&middle.zip(&deviation, |m, d| m + 2.0 * d), "bb.csv", "upperBand");
        check(&middle.zip(&deviation, |m, d| m - 2.0 * d), "bb.csv", "lowerBand");
        check(&apply(ZScore::new(20).unwrap(), [&close]), "bb.csv", "zScore");
        check(&apply(StdDev::new(14).unwrap(), [&close]), "stdev.csv", "stdDev");
        check(&apply(ZScore::new(14).unwrap(), [&close]), "stdev.csv", "zScore");
    }

    #[test]
    fn ranges() {
        let (high, low, close) = (input("high"), input("low"), input("close"));
        let range = apply(TrueRange::new(), [&high, &low, &close]);
        check(&range, "tr.csv", "tr");
        check(&apply(Wilder::new(14).unwrap(), [&range]), "atr.csv", "atr");
        let upper = apply(Lag::new(1).unwrap(), [&apply(Highest::new(20).unwrap(), [&high])]);
        let lower = apply(Lag::new(1).unwrap(), [&apply(Lowest::new(20).unwrap(), [&low])]);
        check(&upper, "donchian.csv", "upperBand");
        check(&lower, "donchian.csv", "lowerBand");
        check(&upper.zip(&lower, |a, b| (a + b) * 0.5), "donchian.csv", "centerline");
    }
}

mod lean {
    use super::*;

    /// Skips twice the period of smoothed averages, whose seeds differ.
    fn check(actual: &Column, file: &str, column: &str, skip: usize) {
        let expected = Table::read(&format!("lean/{file}")).column(column);
        assert_matches(file, actual, &expected, skip.max(actual.first), |want| (1e-4 * want.abs()).max(1e-3));
    }

    fn input(file: &str, column: &str) -> Column {
        Column::of(Table::read(&format!("lean/{file}")).column(column))
    }

    #[test]
    fn averages() {
        let close = input("spy_with_indicators.txt", "Close");
        check(&apply(Sma::new(14).unwrap(), [&close]), "spy_with_indicators.txt", "SMA14", 0);
        check(&apply(Ema::new(14).unwrap(), [&close]), "spy_with_indicators.txt", "EMA14", 28);
        check(&apply(Rsi::new(14).unwrap(), [&close]), "spy_with_indicators.txt", "RSI 14 Wilder", 28);
        let close = input("spy_ema.csv", "close");
        check(&apply(Ema::new(14).unwrap(), [&close]), "spy_ema.csv", "EMA14", 28);
        // Lean's "relative moving average" is no Wilder average but a combination of three simple ones.
        let close = input("spy_with_rma.csv", "close");
        let [short, medium, long] = [5, 10, 15].map(|n| apply(Sma::new(n).unwrap(), [&close]));
        let combined = short.zip(&medium, |a, b| a - b).zip(&long, |a, b| a + b);
        check(&combined, "spy_with_rma.csv", "RMA5", 0);
        let close = input("spx_lwma.csv", "Close");
        check(&apply(Wma::new(6).unwrap(), [&close]), "spx_lwma.csv", "LWMA", 0);
    }

    #[test]
    fn macd() {
        let close = input("spy_with_macd.txt", "Close");
        let (fast, slow) = (apply(Ema::new(12).unwrap(), [&close]), apply(Ema::new(26).unwrap(), [&close]));
        let macd = fast.zip(&slow, |a, b| a - b);
        let signal = apply(Ema::new(9).unwrap(), [&macd]);
        check(&macd, "spy_with_macd.txt", "MACD", 52);
        check(&signal, "spy_with_macd.txt", "Signal", 70);
        check(&macd.zip(&signal, |a, b| a - b), "spy_with_macd.txt", "Histogram", 70);
    }

    #[test]
    fn deviations() {
        let close = input("spy_bollinger_bands.txt", "Close");
        let (middle, deviation) =
            (apply(Sma::new(20).unwrap(), [&close]), apply(StdDev::new(20).unwrap(), [&close]));
        check(&middle, "spy_bollinger_bands.txt", "Moving Average 20", 0);
        let (upper, lower) = ("Bollinger Bands® 20 2 Top", "Bollinger Bands® 20 2 Bottom");
        check(&middle.zip(&deviation, |m, d| m + 2.0 * d), "spy_bollinger_bands.txt", upper, 0);
        check(&middle.zip(&deviation, |m, d| m - 2.0 * d), "spy_bollinger_bands.txt", lower, 0);
        let deviation = apply(StdDev::new(10).unwrap(), [&input("spy_var.txt", "Close")]);
        check(&deviation.zip(&deviation, |a, b| a * b), "spy_var.txt", "Var", 0);
    }

    #[test]
    fn ranges() {
        let candle = |file, names: [&str; 3]| names.map(|name| input(file, name));
        let [high, low, close] = candle("spy_tr.txt", ["High", "Low", "Close"]);
        check(&apply(TrueRange::new(), [&high, &low, &close]), "spy_tr.txt", "TR", 0);
        let [high, low, close] = candle("spy_atr_wilder.txt", ["High", "Low", "Close"]);
        let range = apply(TrueRange::new(), [&high, &low, &close]);
        // Five periods until the seeds agree: Lean counts the first bar's high - low as its true range. With it, all bars agree.
        let (file, column) = ("spy_atr_wilder.txt", "Average True Range 14");
        check(&apply(Wilder::new(14).unwrap(), [&range]), file, column, 70);
        let mut with_first_bar = Column::of(range.values);
        with_first_bar.values[0] = high.values[0] - low.values[0];
        check(&apply(Wilder::new(14).unwrap(), [&with_first_bar]), file, column, 0);
        let [high, low, _close] = candle("spy_with_don50.txt", ["High", "Low", "Close"]);
        let (upper, lower) =
            (apply(Highest::new(50).unwrap(), [&high]), apply(Lowest::new(50).unwrap(), [&low]));
        check(&upper, "spy_with_don50.txt", "Donchian Channels 50 Top", 0);
        check(&lower, "spy_with_don50.txt", "Donchian Channels 50 Bottom", 0);
        check(&upper.zip(&lower, |a, b| (a + b) * 0.5), "spy_with_don50.txt", "Donchian Channels 50 Mean", 0);
        check(&apply(Highest::new(5).unwrap(), [&input("spy_max.txt", "Close")]), "spy_max.txt", "MAX_5", 0);
        check(&apply(Lowest::new(5).unwrap(), [&input("spy_min.txt", "Close")]), "spy_min.txt", "MIN_5", 0);
    }

    #[test]
    fn changes() {
        let close = input("spy_with_rocp50.txt", "Close");
        check(
            &apply(RateOfChange::new(50).unwrap(), [&close]),
            "spy_with_rocp50.txt",
            "Rate of Change % 50",
            0,
        );
        let close = input("spy_with_roc50.txt", "Close");
        let difference = close.zip(&apply(Lag::new(50).unwrap(), [&close]), |now, before| now - before);
        check(&difference, "spy_with_roc50.txt", "Rate of Change 50", 0);
    }
}
