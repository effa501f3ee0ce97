/**
 * How the kernel is compiled. This file is part of the hash of the kernel's sources: changing a flag
 * asks for a rebuild exactly as changing a line of Rust does.
 */

export const TARGET = 'wasm32-unknown-unknown'

/**
 * Flags of rustc. Neither relaxed SIMD nor fused multiply-add: their bits depend on the machine.
 * Binaryen's wasm-opt is left out: it makes the file a tenth smaller and the comparison of columns twice as slow.
 */
export const RUST_FLAGS: readonly string[] = ['-C', 'target-feature=+simd128']

/** Standard library crates to compile when the toolchain has no ready-made one for the target. */
export const BUILD_STD = 'std,panic_abort'
