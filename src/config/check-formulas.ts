import { ConfigError } from '../core/errors.ts'
import { type Formula, parseFormula } from '../core/formula.ts'
import { type FormulaNames, faultOf } from './check-comparisons.ts'
import { type CheckInput, unknownNameAt } from './check-names.ts'
import type { Place } from './problems.ts'
import { labelOf } from './state.ts'

export interface FormulaRules {
  readonly path: string
  /** Undefined: the names are not known and not judged. */
  readonly known: readonly string[] | undefined
  readonly names: FormulaNames
}

/** Checks that a formula parses, uses known names only, is a condition, and that its comparisons can come out either way. */
export function checkFormula(
  { state, textAt }: CheckInput,
  text: string,
  rules: FormulaRules,
): void {
  const { path, known, names } = rules
  const place = state.placeOf(path)
  const within = (offset: number, length: number) =>
    placeWithin(place, textAt(place), text, offset, length)
  const formula = parse(text)
  if ('error' in formula) {
    const message = `${labelOf(path)}: ${formula.error.replace(/\.$/, '')}.`
    state.error('CONFIG_FORMULA', within(formula.offset, 1), message)
    return
  }
  const unknown = formula.variables.filter((name) => known !== undefined && !known.includes(name))
  for (const name of unknown) {
    const part = within(offsetOfName(text, name), name.length)
    unknownNameAt(state, part, path, `'${name}'`, name, known ?? [])
  }
  if (unknown.length > 0) return
  if (!formula.isCondition) {
    const message = `${labelOf(path)}: must be a condition, found a number.`
    state.error('CONFIG_FORMULA', within(0, text.length), message, conditionHint(formula, known))
    return
  }
  for (const decision of formula.decisions(names.rangeOf)) {
    const fault = faultOf(decision, names)
    if (fault === undefined) continue
    const { offset, length } = decision.span
    const message = `${labelOf(path)}: ${fault.message}`
    state.error('CONFIG_COMPARISON', within(offset, length), message, fault.hint)
  }
}

function parse(text: string): Formula | { readonly error: string; readonly offset: number } {
  try {
    return parseFormula(text)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [line = ''] = error.message.split('\n', 1)
    return { error: line, offset: Number(error.context.offset ?? 0) }
  }
}

function conditionHint({ text, variables }: Formula, known: FormulaRules['known']): string {
  const compared = IS_ARITHMETIC.test(text) ? text.trim() : (variables[0] ?? exampleOf(known))
  return `Compare it with something, such as '${compared} >= 1'.`
}

function exampleOf(known: readonly string[] = []): string {
  return known.includes('sharpe') ? 'sharpe' : (known[0] ?? 'sharpe')
}

/** No comparison and nothing that joins conditions: `>= 1` may follow. */
const IS_ARITHMETIC = /^(?!.*\b(?:and|or|not)\b)(?=.*[A-Za-z])[^<>=!&|]+$/s

function offsetOfName(text: string, name: string): number {
  const match = new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`).exec(text)
  return match?.index ?? 0
}

/** Narrows the place of a text to a part of it, if the file spells the text as it is. */
function placeWithin(
  place: Place,
  source: string,
  text: string,
  offset: number,
  length: number,
): Place {
  const skipped = source.startsWith(text) ? 0 : source.slice(1).startsWith(text) ? 1 : undefined
  if (skipped === undefined) return place
  return { ...place, col: place.col + skipped + offset, length: Math.max(1, length) }
}
