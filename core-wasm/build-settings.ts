/**
 * How the kernel is compiled. This file is part of the hash of the kernel's sources: changing a flag
 * asks for a rebuild exactly as changing a line of Rust does.
 */

export const TARGET = 'wasm32-unknown-unknown'

/** Flags of rustc. Neither relaxed SIMD nor fused multiply-add: their bits depend on the machine. */
export const RUST_FLAGS: readonly string[] = ['-C', 'target-feature=+simd128']

/** Standard library crates to compile when the toolchain has no ready-made one for the target. */
export const BUILD_STD = 'std,panic_abort'

/**
 * Flags of Binaryen's wasm-opt. The features are those that rustc emits for the target plus SIMD.
 * `-g` keeps the function names, so that a stack trace or a profile can be read.
 */
export const WASM_OPT_FLAGS: readonly string[] = [
  '-O3',
  '-g',
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-multivalue',
  '--enable-mutable-globals',
  '--enable-nontrapping-float-to-int',
  '--enable-reference-types',
  '--enable-sign-ext',
]
