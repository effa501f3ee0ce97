//! Every decaying recurrence over a million unchanged bars. Source of the kind: cinar/indicator #455, ta4j #1116.

use super::testing::{in_stretches, series};
use super::*;

const FLAT: usize = 1_000_000;

/// Bars that move, the last one down, and then stand still at `x`.
fn then_flat(moving: &[f64], x: f64) -> Vec<f64> {
    let mut values = moving.to_vec();
    values.resize(moving.len() + FLAT, x);
    values
}

/// A walk in whole ticks with a fixed seed.
fn ticks(bars: usize, tick: f64) -> Vec<f64> {
    let mut state = 7_u64;
    let mut level = 500_i32;
    let bars = (0..bars).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        level += (state >> 33) as i32 % 7 - 3;
        f64::from(level) * tick
    });
    bars.collect()
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

#[test]
fn rsi_keeps_its_bits() {
    for (period, tick) in [(2, 1e-9), (3, 1e-15), (14, 0.01), (100, 1e9), (5_000, 1e-8)] {
        let x = then_flat(&ticks(6_000, tick), 480.0 * tick);
        let out = series(Rsi::new(period).unwrap(), [&x]);
        let last = out[6_000];
        assert!(last > 1.0 && last < 60.0, "{last}");
        assert!(out[6_000..].iter().all(|v| same(*v, last)), "period {period}");
    }
}

/// Sums of halves are exact in doubles; the old ones are drowned by the next change long before they are forgotten.
#[test]
fn rsi_moves_on_from_the_sums_that_it_had() {
    for still in [0, 1, 10, 1_000, 1_074, 1_076, 100_000] {
        let mut x = vec![4.0, 5.0, 4.5, 4.0];
        x.resize(4 + still, 4.0);
        x.push(4.0 + 1e-6);
        let out = series(Rsi::new(2).unwrap(), [&x]);
        // Gains 1, 1/2 and losses 1/2, 3/4 (twice the averages), then halved on every bar that stands still.
        assert_eq!(out[3..4 + still], vec![40.0; 1 + still]);
        let shrunk = 0.5_f64.powi(still as i32 + 1);
        let change = (4.0 + 1e-6) - 4.0;
        let (gain, loss) = (0.5 * shrunk + change, 0.75 * shrunk);
        let expected = 100.0 * gain / (gain + loss);
        assert!(
            (out[4 + still] - expected).abs() < 1e-11,
            "{still}: {} instead of {expected}",
            out[4 + still]
        );
    }
}

#[test]
fn rsi_of_one_bar_is_50_where_it_does_not_change() {
    assert_eq!(series(Rsi::new(1).unwrap(), [&[1.0, 2.0, 2.0, 1.0, 1.0]])[1..], [100.0, 50.0, 0.0, 50.0]);
}

/// The average comes ever closer to the price, never leaves it again, and never changes sides.
fn approaches(name: &str, out: &[f64], x: f64, tolerance: f64) {
    let start = out.len() - FLAT;
    let side = out[start] > x;
    for pair in out[start..].windows(2) {
        let closer =
            if side { x <= pair[1] && pair[1] <= pair[0] } else { pair[0] <= pair[1] && pair[1] <= x };
        assert!(closer, "{name}: {} after {}, towards {x}", pair[1], pair[0]);
    }
    let last = out[out.len() - 1];
    assert!((last - x).abs() <= tolerance * x.abs(), "{name} ends at {last} instead of {x}");
}

#[test]
fn ema_and_wilder_stay_at_the_price() {
    for (period, tick) in [(2, 1e-9), (3, 1e-15), (14, 0.01), (100, 1e9), (1_000, 1e-8)] {
        // The last complete group holds moving bars; it is over after eight.
        let moving = ticks(2_000 - period % 8, tick);
        let x = then_flat(&moving, 480.0 * tick);
        // An average stops where the rest of its way is less than half an ulp a group.
        let tolerance = f64::EPSILON * (1.0 + period as f64 / 8.0);
        approaches("ema", &series(Ema::new(period).unwrap(), [&x]), 480.0 * tick, tolerance);
        approaches("wilder", &series(Wilder::new(period).unwrap(), [&x]), 480.0 * tick, tolerance);
    }
}

#[test]
fn atr_falls_to_zero_and_is_never_denormal() {
    for period in [2, 14, 200] {
        let close = then_flat(&ticks(1_000, 0.01), 4.8);
        let range = series(TrueRange::new(), [&close, &close, &close]);
        let mut atr = Wilder::new(period).unwrap();
        let mut out = vec![0.0; close.len()];
        atr.extend([crate::columns::View::new(&range, 0, 1)], 0..close.len(), &mut out);
        let start = out.len() - FLAT + 1;
        assert!(out[start..].windows(2).all(|w| w[1] <= w[0] && !w[1].is_subnormal()), "period {period}");
        assert_eq!(out[out.len() - 1], 0.0);
    }
}

#[test]
fn macd_and_its_signal_come_to_rest_on_one_side() {
    let x = then_flat(&ticks(1_000, 1e-8), 480e-8);
    let (fast, slow) = (series(Ema::new(12).unwrap(), [&x]), series(Ema::new(26).unwrap(), [&x]));
    let line: Vec<f64> = fast.iter().zip(&slow).map(|(a, b)| a - b).collect();
    let mut signal = vec![0.0; x.len()];
    Ema::new(9).unwrap().extend([crate::columns::View::new(&line, 0, 25)], 0..x.len(), &mut signal);
    let rest = x.len() - FLAT + 1_000;
    assert!(line[rest..].iter().all(|v| *v == line[rest] && v.abs() < 1e-20));
    assert!(signal[rest..].windows(2).all(|w| (w[1] - line[rest]).abs() <= (w[0] - line[rest]).abs()));
    assert!(signal.iter().skip(rest).all(|v| !v.is_subnormal()));
}

#[test]
fn any_split_gives_the_same_bits_across_a_stretch_that_stands_still() {
    let mut x = then_flat(&ticks(300, 1e-9), 480e-9);
    x.truncate(20_000);
    x.extend(ticks(300, 1e-9));
    x.extend([0.0; 9_000]);
    x.extend(ticks(100, 1e-9));
    let splits: [Vec<usize>; 3] = [vec![1; x.len()], vec![7; x.len() / 7], vec![4_096; x.len() / 4_096]];
    fn check(x: &[f64], splits: &[Vec<usize>], make: impl Fn() -> Box<dyn Indicator<1>>) {
        let whole = in_stretches(Boxed(make()), [x], 0, &[x.len()]);
        for lengths in splits {
            let split = in_stretches(Boxed(make()), [x], 0, lengths);
            assert!(split.iter().zip(&whole).all(|(a, b)| same(*a, *b)));
        }
    }
    for period in [2, 5, 14, 30] {
        check(&x, &splits, || Box::new(Rsi::new(period).unwrap()));
        check(&x, &splits, || Box::new(Ema::new(period).unwrap()));
        check(&x, &splits, || Box::new(Wilder::new(period).unwrap()));
        check(&x, &splits, || Box::new(RateOfChange::new(period).unwrap()));
        check(&x, &splits, || Box::new(StdDev::new(period).unwrap()));
        check(&x, &splits, || Box::new(ZScore::new(period).unwrap()));
    }
}

struct Boxed(Box<dyn Indicator<1>>);

impl Indicator<1> for Boxed {
    fn history(&self) -> usize {
        self.0.history()
    }

    fn lookback(&self) -> usize {
        self.0.lookback()
    }

    fn extend(
        &mut self,
        inputs: [crate::columns::View<'_>; 1],
        bars: std::ops::Range<usize>,
        out: &mut [f64],
    ) {
        self.0.extend(inputs, bars, out);
    }
}
