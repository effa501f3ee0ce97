/** A compiled formula: reads its variables from `values[offset..]`. Comparisons give 1 or 0; NaN is not computable. */
export type Formula = (values: ArrayLike<number>, offset: number) => number

/**
 * Compiles a formula whose variables are `variables`, in that order in memory. Handed in by the caller.
 * Throws a ConfigError for a syntax error or an unknown name.
 */
export type CompileFormula = (text: string, variables: readonly string[]) => Formula
