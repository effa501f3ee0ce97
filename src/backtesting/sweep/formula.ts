import { type Evaluate, parseFormula } from '../../core/formula.ts'

/** Returns a formula over variables that lie in memory in the order given. @throws ConfigError `FORMULA_SYNTAX`, `FORMULA_UNKNOWN_NAME` */
export function compileFormula(text: string, variables: readonly string[]): Evaluate {
  return parseFormula(text, { variables }).compile(variables)
}

/** What a row makes of a constraint; `undecided`: it depends on a value that the row does not have. */
export interface Judgement {
  readonly holds: boolean
  readonly isUndecided: boolean
}

const HOLDS: Judgement = { holds: true, isUndecided: false }
const FAILS: Judgement = { holds: false, isUndecided: false }
const TAKEN_FOR_TRUE: Judgement = { holds: true, isUndecided: true }
const TAKEN_FOR_FALSE: Judgement = { holds: false, isUndecided: true }

export type Judge = (values: ArrayLike<number>, offset: number) => Judgement

/**
 * Returns a constraint that also tells when its outcome is due to a missing value. Allocates nothing.
 * @throws ConfigError as `compileFormula`
 */
export function compileJudge(text: string, variables: readonly string[]): Judge {
  const formula = parseFormula(text, { variables })
  const known = formula.compile(variables, 'unknown')
  const plain = formula.compile(variables)
  return (values, offset) => {
    const value = known(values, offset)
    // A known value is that of the plain rule, too; only an unknown one is computed a second time.
    if (!Number.isNaN(value)) return value === 0 ? FAILS : HOLDS
    return holds(plain(values, offset)) ? TAKEN_FOR_TRUE : TAKEN_FOR_FALSE
  }
}

/** A condition is satisfied by any number but zero; not computable is not satisfied. */
export function holds(value: number): boolean {
  return value !== 0 && !Number.isNaN(value)
}
