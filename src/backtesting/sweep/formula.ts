import { type Evaluate, parseFormula } from '../../core/formula.ts'

/** Returns a formula over variables that lie in memory in the order given. @throws ConfigError `FORMULA_SYNTAX`, `FORMULA_UNKNOWN_NAME` */
export function compileFormula(text: string, variables: readonly string[]): Evaluate {
  return parseFormula(text, { variables }).compile(variables)
}
