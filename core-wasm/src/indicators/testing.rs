//! What every indicator has to satisfy, checked on random series.

use super::*;
use crate::columns::View;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const BARS: usize = 120;

/// The whole series in one stretch, for inputs that are defined from the first bar.
pub fn series<const N: usize>(indicator: impl Indicator<N>, inputs: [&[f64]; N]) -> Vec<f64> {
    in_stretches(indicator, inputs, 0, &[inputs[0].len()])
}

/// Runs over stretches of the given lengths, and shows each of them no more of the inputs than `history` asks for.
pub fn in_stretches<const N: usize>(
    mut indicator: impl Indicator<N>,
    inputs: [&[f64]; N],
    first: usize,
    lengths: &[usize],
) -> Vec<f64> {
    let mut out = Vec::new();
    for length in lengths {
        let start = out.len();
        let seen = start.saturating_sub(indicator.history());
        let views = inputs.map(|x| View::new(&x[seen..start + length], seen, first));
        out.resize(start + length, 0.0);
        indicator.extend(views, start..start + length, &mut out[start..]);
    }
    out
}

/// Prices that move, stand still and jump: the steps are small integers on a level that may be tiny or huge.
fn prices() -> impl Strategy<Value = Vec<f64>> {
    let step = prop_oneof![Just(0.0), -8.0..8.0, -800.0..800.0];
    (1e-3..1e6, prop::collection::vec(step, BARS)).prop_map(|(level, steps)| {
        let mut sum: f64 = 2_000.0;
        let walk = steps.iter().map(|step| {
            sum = (sum + step).abs() + 1.0;
            level * sum
        });
        walk.collect()
    })
}

/// Lengths that sum to `BARS`; about half of the stretches are single bars.
fn splits() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![Just(1), 1..40_usize], BARS).prop_map(|lengths| {
        let mut rest = BARS;
        let cut = lengths.into_iter().map(|length| {
            let length = length.min(rest);
            rest -= length;
            length
        });
        cut.filter(|length| *length > 0).collect()
    })
}

fn check<T: std::fmt::Debug>(cases: impl Strategy<Value = T>, test: impl Fn(T) -> Result<(), TestCaseError>) {
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&cases, test).unwrap();
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// A series whose first `first` bars are undefined.
fn delayed(x: &[f64], first: usize) -> Vec<f64> {
    (0..x.len()).map(|bar| if bar < first { f64::NAN } else { x[bar] }).collect()
}

/// The contract of `Indicator` for one kind, whose inputs are the same series `N` times over, displaced.
pub fn testing_contract<const N: usize, I: Indicator<N>>(make: impl Fn(usize) -> I) {
    let inputs =
        |x: &[f64]| -> [Vec<f64>; N] { std::array::from_fn(|k| x.iter().map(|v| v + k as f64).collect()) };
    let whole = |period, x: &[f64], first| {
        let columns = inputs(&delayed(x, first));
        in_stretches(make(period), std::array::from_fn(|k| columns[k].as_slice()), first, &[BARS])
    };
    check((prices(), splits(), 1..30_usize, 0..20_usize), |(x, lengths, period, first)| {
        let columns = inputs(&delayed(&x, first));
        let slices = std::array::from_fn(|k| columns[k].as_slice());
        let split = in_stretches(make(period), slices, first, &lengths);
        prop_assert_eq!(bits(&split), bits(&whole(period, &x, first)), "the split changed a bit");
        Ok(())
    });
    check((prices(), 0..BARS, -9e3..9e3, 1..30_usize), |(x, bar, change, period)| {
        let mut changed = x.clone();
        changed[bar..].iter_mut().for_each(|v| *v += change);
        let (before, after) = (whole(period, &x, 0), whole(period, &changed, 0));
        prop_assert_eq!(bits(&before[..bar]), bits(&after[..bar]), "a later value changed an earlier one");
        Ok(())
    });
    check((prices(), 1..30_usize, 0..20_usize), |(x, period, first)| {
        let (out, lookback) = (whole(period, &x, first), make(period).lookback());
        let defined = first + lookback;
        prop_assert!(out[..defined].iter().all(|v| v.is_nan()), "defined before the lookback");
        let same = whole(period, &x[first..].iter().chain(&x[..first]).copied().collect::<Vec<_>>(), 0);
        prop_assert_eq!(
            bits(&out[defined..]),
            bits(&same[lookback..BARS - first]),
            "the prefix changed a bit"
        );
        Ok(())
    });
    check((prices(), 1..30_usize, 0..BARS), |(mut x, period, bar)| {
        x[bar] = f64::NAN;
        let out = whole(period, &x, 0);
        let end = bar + make(period).lookback();
        prop_assert!(end >= BARS || out[bar..=end].iter().any(|v| v.is_nan()), "a NaN was swallowed");
        Ok(())
    });
    for period in 1..30 {
        let moving: Vec<f64> = (0..BARS).map(|bar| 1.0 + (bar * bar % 17) as f64 + bar as f64).collect();
        let defined = whole(period, &moving, 0).iter().position(|v| !v.is_nan());
        // A deviation of one value is 0, and a score in units of it is not defined on any bar.
        assert!(defined == Some(make(period).lookback()) || (defined.is_none() && period == 1));
    }
}

/// Compares with a figure computed from the window alone, to 1e-11 of `scale(window)`, and NaN with NaN.
pub fn testing_reference<I: Indicator<1>>(
    make: impl Fn(usize) -> I,
    width: impl Fn(usize) -> usize,
    direct: impl Fn(&[f64]) -> f64,
    scale: impl Fn(&[f64]) -> f64,
) {
    check((prices(), 1..30_usize), |(x, period)| {
        let out = series(make(period), [&x]);
        for (bar, value) in out.iter().enumerate().skip(width(period) - 1) {
            let window = &x[bar + 1 - width(period)..=bar];
            let (expected, scale) = (direct(window), scale(window));
            let close = (value - expected).abs() <= 1e-11 * scale || (value.is_nan() && expected.is_nan());
            prop_assert!(close, "bar {bar}, period {period}: {value} instead of {expected}");
        }
        Ok(())
    });
}

mod contract {
    use super::*;

    macro_rules! contracts {
        ($($name:ident: $kind:ident),* $(,)?) => {
            $(#[test] fn $name() { testing_contract(|period| $kind::new(period).unwrap()); })*
        };
    }

    contracts! {
        prop_sma: Sma, prop_ema: Ema, prop_wma: Wma, prop_wilder: Wilder, prop_rsi: Rsi, prop_std_dev: StdDev,
        prop_z_score: ZScore, prop_highest: Highest, prop_lowest: Lowest, prop_rate_of_change: RateOfChange, prop_lag: Lag,
    }

    #[test]
    fn prop_true_range() {
        testing_contract(|_period| TrueRange::new());
    }
}

mod reference {
    use super::*;

    fn mean(window: &[f64]) -> f64 {
        window.iter().sum::<f64>() / window.len() as f64
    }

    fn deviation(window: &[f64]) -> f64 {
        let center = mean(window);
        (window.iter().map(|v| (v - center) * (v - center)).sum::<f64>() / window.len() as f64).sqrt()
    }

    fn flat(window: &[f64]) -> bool {
        window.iter().all(|v| *v == window[0])
    }

    fn largest(window: &[f64]) -> f64 {
        window.iter().fold(0.0, |top, v| v.abs().max(top))
    }

    #[test]
    fn prop_sma() {
        testing_reference(|n| Sma::new(n).unwrap(), |n| n, mean, largest);
    }

    #[test]
    fn prop_wma() {
        let weighted = |window: &[f64]| {
            let n = window.len() as f64;
            window.iter().enumerate().map(|(i, v)| (i + 1) as f64 * v).sum::<f64>() / (0.5 * n * (n + 1.0))
        };
        testing_reference(|n| Wma::new(n).unwrap(), |n| n, weighted, largest);
    }

    #[test]
    fn prop_std_dev() {
        let direct = |window: &[f64]| if flat(window) { 0.0 } else { deviation(window) };
        testing_reference(|n| StdDev::new(n).unwrap(), |n| n, direct, largest);
    }

    #[test]
    fn prop_std_dev_is_zero_only_in_flat_windows() {
        check((prices(), 2..30_usize), |(x, period)| {
            let out = series(StdDev::new(period).unwrap(), [&x]);
            for bar in period - 1..BARS {
                prop_assert_eq!(out[bar] == 0.0, flat(&x[bar + 1 - period..=bar]));
            }
            Ok(())
        });
    }

    #[test]
    fn prop_z_score() {
        let direct = |window: &[f64]| match window {
            _ if flat(window) => f64::NAN,
            _ => (window[window.len() - 1] - mean(window)) / deviation(window),
        };
        let condition = |window: &[f64]| 1.0 + largest(window) / deviation(window);
        testing_reference(|n| ZScore::new(n).unwrap(), |n| n, direct, condition);
    }

    #[test]
    fn prop_highest_and_lowest() {
        let (highest, lowest) = (f64::max, f64::min);
        let fold =
            |pick: fn(f64, f64) -> f64| move |window: &[f64]| window.iter().copied().reduce(pick).unwrap();
        testing_reference(|n| Highest::new(n).unwrap(), |n| n, fold(highest), |_| 0.0);
        testing_reference(|n| Lowest::new(n).unwrap(), |n| n, fold(lowest), |_| 0.0);
    }

    #[test]
    fn prop_rate_of_change_and_lag() {
        let change = |window: &[f64]| (window[window.len() - 1] / window[0] - 1.0) * 100.0;
        let size = |window: &[f64]| 1.0 + (window[window.len() - 1] / window[0]).abs();
        testing_reference(|n| RateOfChange::new(n).unwrap(), |n| n + 1, change, size);
        testing_reference(|n| Lag::new(n).unwrap(), |n| n + 1, |window| window[0], |_| 0.0);
    }

    /// The textbook recurrence of an exponential average, one bar after the other.
    fn recurrence(x: &[f64], period: usize, k: f64) -> Vec<f64> {
        let mut out = vec![f64::NAN; x.len()];
        if x.len() >= period {
            out[period - 1] = mean(&x[..period]);
        }
        for bar in period..x.len() {
            out[bar] = out[bar - 1] + k * (x[bar] - out[bar - 1]);
        }
        out
    }

    fn assert_close(out: &[f64], expected: &[f64], scale: f64) -> Result<(), TestCaseError> {
        for (bar, (a, b)) in out.iter().zip(expected).enumerate() {
            let close = (a - b).abs() <= 1e-11 * scale || (a.is_nan() && b.is_nan());
            prop_assert!(close, "bar {bar}: {a} instead of {b}");
        }
        Ok(())
    }

    #[test]
    fn prop_ema_and_wilder() {
        check((prices(), 1..30_usize), |(x, n)| {
            let ema = recurrence(&x, n, 2.0 / (n as f64 + 1.0));
            assert_close(&series(Ema::new(n).unwrap(), [&x]), &ema, largest(&x))?;
            assert_close(
                &series(Wilder::new(n).unwrap(), [&x]),
                &recurrence(&x, n, 1.0 / n as f64),
                largest(&x),
            )
        });
    }

    #[test]
    fn prop_rsi() {
        check((prices(), 1..30_usize), |(x, n)| {
            let side =
                |sign: f64| -> Vec<f64> { x.windows(2).map(|w| (sign * (w[1] - w[0])).max(0.0)).collect() };
            let (gain, loss) =
                (recurrence(&side(1.0), n, 1.0 / n as f64), recurrence(&side(-1.0), n, 1.0 / n as f64));
            let expected: Vec<f64> =
                gain.iter().zip(&loss).map(|(g, l)| 100.0 - 100.0 / (1.0 + g / l)).collect();
            let out = series(Rsi::new(n).unwrap(), [&x]);
            let moved = expected.iter().position(|v| v.is_finite()).unwrap_or(expected.len());
            assert_close(&out[moved + 1..], &expected[moved..], 100.0)
        });
    }
}

mod long_run {
    use super::*;

    /// A million bars that fall from 1e6 to 1e-3 and back.
    fn long_series() -> Vec<f64> {
        let mut state = 1_u64;
        let mut x = 1e6;
        let bars = (0..1_000_000).map(|bar| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5;
            let drift = if bar < 500_000 { -4.145e-5 } else { 4.145e-5 };
            x *= 1.0 + drift + 0.004 * noise;
            x
        });
        bars.collect()
    }

    #[test]
    fn does_not_drift_over_a_million_bars() {
        let (x, n) = (long_series(), 50);
        let [sma, std_dev] = [series(Sma::new(n).unwrap(), [&x]), series(StdDev::new(n).unwrap(), [&x])];
        let wma = series(Wma::new(n).unwrap(), [&x]);
        for bar in (n - 1..x.len()).step_by(997).chain(x.len() - 50..x.len()) {
            let window = &x[bar + 1 - n..=bar];
            let mean = window.iter().sum::<f64>() / n as f64;
            let weighted = window.iter().zip(1..).map(|(v, w)| v * w as f64).sum::<f64>() / 1275.0;
            let variance = window.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n as f64;
            for (value, expected) in [(sma[bar], mean), (wma[bar], weighted), (std_dev[bar], variance.sqrt())]
            {
                assert!((value / expected - 1.0).abs() < 1e-11, "bar {bar}: {value} instead of {expected}");
            }
        }
    }

    #[test]
    fn forgets_the_seed_of_an_average_without_drift() {
        let (x, n) = (long_series(), 30);
        let (ema, k) = (series(Ema::new(n).unwrap(), [&x]), 2.0 / 31.0);
        for bar in (100_000..x.len()).step_by(9_973) {
            let (mut weight, mut expected) = (k, 0.0);
            for v in x[bar - 2_000..=bar].iter().rev() {
                expected += weight * v;
                weight *= 1.0 - k;
            }
            assert!(
                (ema[bar] / expected - 1.0).abs() < 1e-11,
                "bar {bar}: {} instead of {expected}",
                ema[bar]
            );
        }
    }
}

#[test]
fn flat_series_are_exact() {
    let x = [0.1; 60];
    for period in 1..20 {
        let averages = [
            series(Sma::new(period).unwrap(), [&x]),
            series(Ema::new(period).unwrap(), [&x]),
            series(Wma::new(period).unwrap(), [&x]),
            series(Wilder::new(period).unwrap(), [&x]),
            series(Highest::new(period).unwrap(), [&x]),
        ];
        assert!(averages.iter().all(|out| out[period - 1..].iter().all(|v| *v == 0.1)));
        assert!(series(StdDev::new(period).unwrap(), [&x])[period - 1..].iter().all(|v| *v == 0.0));
        assert!(series(ZScore::new(period).unwrap(), [&x]).iter().all(|v| v.is_nan()));
        assert!(series(Rsi::new(period).unwrap(), [&x])[period..].iter().all(|v| *v == 50.0));
        assert!(series(RateOfChange::new(period).unwrap(), [&x])[period..].iter().all(|v| *v == 0.0));
    }
}

#[test]
fn a_nan_is_forgotten_when_it_left_a_window_and_kept_by_recurrences() {
    let mut x = [1.0, 2.0, 4.0, 3.0, 7.0, 5.0].repeat(10);
    x[20] = f64::NAN;
    let windows = [
        series(Sma::new(6).unwrap(), [&x]),
        series(Wma::new(6).unwrap(), [&x]),
        series(StdDev::new(6).unwrap(), [&x]),
        series(ZScore::new(6).unwrap(), [&x]),
        series(Highest::new(6).unwrap(), [&x]),
        series(Lowest::new(6).unwrap(), [&x]),
    ];
    for out in windows {
        assert!(out[20..26].iter().all(|v| v.is_nan()) && out[26..].iter().all(|v| v.is_finite()));
    }
    for out in [
        series(Ema::new(6).unwrap(), [&x]),
        series(Wilder::new(6).unwrap(), [&x]),
        series(Rsi::new(6).unwrap(), [&x]),
    ] {
        assert!(out[19].is_finite() && out[20..].iter().all(|v| v.is_nan()));
    }
}

#[test]
fn a_period_of_zero_is_refused() {
    use crate::error::KernelError::PeriodZero;
    assert_eq!(Ema::new(0).err(), Some(PeriodZero));
    assert_eq!(Wma::new(0).err(), Some(PeriodZero));
    assert_eq!(Wilder::new(0).err(), Some(PeriodZero));
    assert_eq!(Rsi::new(0).err(), Some(PeriodZero));
    assert_eq!(StdDev::new(0).err(), Some(PeriodZero));
    assert_eq!(ZScore::new(0).err(), Some(PeriodZero));
    assert_eq!(Highest::new(0).err(), Some(PeriodZero));
    assert_eq!(Lowest::new(0).err(), Some(PeriodZero));
    assert_eq!(RateOfChange::new(0).err(), Some(PeriodZero));
    assert_eq!(Lag::new(0).err(), Some(PeriodZero));
}
