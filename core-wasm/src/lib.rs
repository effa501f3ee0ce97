//! The kernel of crypto-platform: indicators, bitmaps, simulation, metrics.
//! It knows no I/O, clock, randomness or JSON; `abi` is its only boundary.

pub mod abi;
pub mod bitmap;
pub mod columns;
pub mod error;
pub mod execution;
pub mod indicators;
pub mod market;
pub mod metrics;
pub mod plan;
mod simd;
pub mod simulate;
