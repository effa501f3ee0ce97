//! Results that are round numbers come out as such, whatever the tick of the prices.

use super::testing::series;
use super::*;

/// The double nearest to `count` units of the `places`-th decimal, as a file's text would give it.
fn decimal(count: i64, places: usize) -> f64 {
    format!("{count}e-{places}").parse().unwrap()
}

/// Percentages in thousandths: the usual thresholds, those that are doubles and those that are not.
const THOUSANDTHS: [i64; 24] = [
    125, 250, 500, 1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 5_000, 7_500, 10_000, 12_500, 25_000, 50_000,
    75_000, 99_000, 100_000, 150_000, 900_000, 100, 300, 1_100, 7,
];

#[test]
fn a_change_by_a_round_percentage_is_that_percentage() {
    let mut compared = 0;
    for places in 0..=12 {
        for before in (1..400).chain([1_000, 12_345, 99_999, 1_234_567, 99_999_999, 123_456_789_000]) {
            for thousandth in THOUSANDTHS.iter().flat_map(|p| [*p, -*p]) {
                let change = before * thousandth;
                if change % 100_000 != 0 {
                    continue;
                }
                let x = [decimal(before, places), decimal(before + change / 100_000, places)];
                let expected = decimal(thousandth, 3);
                let out = series(RateOfChange::new(1).unwrap(), [&x]);
                assert_eq!(out[1], expected, "{x:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 20_000, "{compared}");
}

/// freqtrade #746: 100 to 102 was 2.0000000000000018 %.
#[test]
fn a_change_is_compared_with_a_threshold_on_the_right_side() {
    let change = |before, x| series(RateOfChange::new(1).unwrap(), [&[before, x]])[1];
    let exact = [
        (100.0, 102.0, 2.0),
        (100.0, 103.0, 3.0),
        (100.0, 105.0, 5.0),
        (100.0, 110.0, 10.0),
        (0.5, 0.51, 2.0),
    ];
    assert!(exact.iter().all(|(before, x, expected)| change(*before, *x) == *expected));
    for (before, x) in [(100.0, 102.0 + 1e-10), (1e5, 1.02e5 + 1e-7)] {
        assert!(change(before, x) > 2.0 && change(before, 2.0 * before * 1.02 - x) < 2.0);
    }
}

#[test]
fn the_sign_of_a_change_is_never_lost() {
    for x in [1e-15_f64, 0.1, 1.0, 30_000.0, 1e15] {
        let next = f64::from_bits(x.to_bits() + 1);
        let out = series(RateOfChange::new(1).unwrap(), [&[x, next, x, x]]);
        assert!(out[1] > 0.0 && out[2] < 0.0 && out[3] == 0.0, "{out:?}");
    }
}

#[test]
fn figures_of_equal_prices_are_exact_at_any_level() {
    for level in [1e-15, 3.3e-9, 0.1, 49_999.99, 1e15] {
        let x = [level; 90];
        for n in [1, 2, 7, 30] {
            let averages = [
                series(Sma::new(n).unwrap(), [&x]),
                series(Wma::new(n).unwrap(), [&x]),
                series(Ema::new(n).unwrap(), [&x]),
                series(Wilder::new(n).unwrap(), [&x]),
            ];
            assert!(averages.iter().all(|out| out[n - 1..].iter().all(|v| *v == level)), "{level}, {n}");
            assert!(series(StdDev::new(n).unwrap(), [&x])[n - 1..].iter().all(|v| *v == 0.0));
            assert!(series(Rsi::new(n).unwrap(), [&x])[n..].iter().all(|v| *v == 50.0));
        }
    }
}
