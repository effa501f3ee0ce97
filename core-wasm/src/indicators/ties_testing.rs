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

/// `n - 1` equal values and a jump: a score of `sqrt(n - 1)`, whatever the jump.
#[test]
fn a_jump_from_level_ground_has_a_round_score() {
    for places in 0..=10 {
        for (level, jump) in (1..60).flat_map(|k| [(4_811 + 97 * k, k), (100, -k), (7_000_003 * k, 13)]) {
            for (n, score) in [(2, 1.0), (5, 2.0), (10, 3.0), (17, 4.0), (26, 5.0)] {
                let mut x = vec![decimal(level, places); 2 * n];
                x.push(decimal(level + jump, places));
                let out = series(ZScore::new(n).unwrap(), [&x]);
                assert_eq!(out[2 * n], score * jump.signum() as f64, "{x:?}");
            }
        }
    }
}

#[test]
fn a_score_is_zero_where_the_value_is_the_mean() {
    for places in 0..=10 {
        for (level, step) in (1..200).map(|k| (31 * k + 500, k)) {
            for shape in [&[0, 2, 1][..], &[3, 0, -3, 0], &[5, -1, -4, 1, 4, 1], &[-7, 7, 2, -2, 9, -9, 0]] {
                let x: Vec<f64> = shape.iter().map(|s| decimal(level + s * step, places)).collect();
                let out = series(ZScore::new(shape.len()).unwrap(), [&x]);
                assert_eq!(out[shape.len() - 1], 0.0, "{x:?}");
            }
        }
    }
}

#[test]
fn deviations_of_whole_numbers_are_exact() {
    for n in 2..400_usize {
        // Half of the values one step up, half one step down: a deviation of one step.
        let x: Vec<f64> = (0..4 * n).map(|i| 1e6 + if i % 2 == 0 { 3.0 } else { -3.0 }).collect();
        let out = series(StdDev::new(2 * n).unwrap(), [&x]);
        assert!(out[2 * n - 1..].iter().all(|v| *v == 3.0), "{n}");
        // n - 1 values at rest and one n steps away: sqrt(n - 1) steps.
        let root = ((n - 1) as f64).sqrt();
        if root.fract() == 0.0 {
            let mut x = vec![5.0; 2 * n];
            x.push(5.0 + n as f64);
            assert_eq!(series(StdDev::new(n).unwrap(), [&x])[2 * n], root, "{n}");
        }
    }
}

/// Gains against losses as 1 : 1, 3 : 7 and 7 : 3 in the first value, where the sums are plain.
#[test]
fn rsi_is_round_where_decimal_prices_make_it_so() {
    for places in 0..=10 {
        for level in (1..300).map(|k| 1_000 + 17 * k) {
            for (up, down, expected) in
                [(1, 1, 50.0), (3, 7, 30.0), (7, 3, 70.0), (1, 3, 25.0), (1, 0, 100.0), (0, 2, 0.0)]
            {
                let steps = [0, up, up - down, 2 * up - down, 2 * (up - down)];
                let x: Vec<f64> = steps.iter().map(|s| decimal(level + s, places)).collect();
                let out = series(Rsi::new(4).unwrap(), [&x]);
                assert_eq!(out[4], expected, "{x:?}");
            }
        }
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
