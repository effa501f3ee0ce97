//! Nanoseconds per bar of each indicator over 200,000 bars of a random walk, best of several passes: `cargo bench --bench indicators`.
//! Each row also runs the series in stretches of 4,096 bars, as the sweep does, and checks that both give the same bits.

use core_wasm::columns::View;
use core_wasm::indicators::*;
use std::time::Instant;

const BARS: usize = 200_000;
const STRETCH: usize = 4_096;
const PASSES: usize = 15;

/// High, low and close of a random walk with a fixed seed.
fn candles() -> [Vec<f64>; 3] {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut price = 30_000.0;
    let mut columns = [vec![], vec![], vec![]];
    for _ in 0..BARS {
        price *= 1.0 + 0.01 * (uniform() - 0.5);
        columns[0].push(price * (1.0 + 0.003 * uniform()));
        columns[1].push(price * (1.0 - 0.003 * uniform()));
        columns[2].push(price);
    }
    columns
}

fn compute<const N: usize>(
    mut indicator: impl Indicator<N>,
    inputs: [&[f64]; N],
    stretch: usize,
    out: &mut [f64],
) {
    let views = inputs.map(|x| View::new(x, 0, 0));
    for (index, values) in out.chunks_mut(stretch).enumerate() {
        let start = index * stretch;
        indicator.extend(views, start..start + values.len(), values);
    }
}

fn time_ns_per_bar(mut run: impl FnMut()) -> f64 {
    let passes = (0..PASSES).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64 / BARS as f64
    });
    passes.fold(f64::INFINITY, f64::min)
}

fn report<const N: usize, I: Indicator<N>>(name: &str, make: impl Fn() -> I, inputs: [&[f64]; N]) {
    let (mut whole, mut split) = (vec![0.0; BARS], vec![0.0; BARS]);
    let whole_ns = time_ns_per_bar(|| compute(make(), inputs, BARS, &mut whole));
    let split_ns = time_ns_per_bar(|| compute(make(), inputs, STRETCH, &mut split));
    assert!(
        whole.iter().zip(&split).all(|(a, b)| a.to_bits() == b.to_bits()),
        "{name}: the split changed a bit"
    );
    let checksum: f64 = whole.iter().filter(|v| v.is_finite()).sum();
    println!("{name:<20} {whole_ns:>6.2} {split_ns:>10.2}   {checksum:e}");
}

fn main() {
    let [high, low, close] = candles();
    println!("{:<20} {:>6} {:>10}   checksum", "ns per bar", "whole", "stretches");
    report("true_range", TrueRange::new, [&high, &low, &close]);
    for period in [2, 5, 14, 50, 200, 2_000] {
        let x: [&[f64]; 1] = [&close];
        report(&format!("sma({period})"), || Sma::new(period).unwrap(), x);
        report(&format!("ema({period})"), || Ema::new(period).unwrap(), x);
        report(&format!("wma({period})"), || Wma::new(period).unwrap(), x);
        report(&format!("wilder({period})"), || Wilder::new(period).unwrap(), x);
        report(&format!("rsi({period})"), || Rsi::new(period).unwrap(), x);
        report(&format!("std_dev({period})"), || StdDev::new(period).unwrap(), x);
        report(&format!("z_score({period})"), || ZScore::new(period).unwrap(), x);
        report(&format!("highest({period})"), || Highest::new(period).unwrap(), x);
        report(&format!("lowest({period})"), || Lowest::new(period).unwrap(), x);
        report(&format!("rate_of_change({period})"), || RateOfChange::new(period).unwrap(), x);
        report(&format!("lag({period})"), || Lag::new(period).unwrap(), x);
    }
}
