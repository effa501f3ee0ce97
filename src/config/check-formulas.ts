import type { Catalog } from './catalog.ts'
import { type CheckInput, unknownNameAt } from './check-names.ts'
import type { Place } from './problems.ts'
import { labelOf } from './state.ts'

/**
 * Checks that a formula parses, uses known names only and is a condition.
 * @param at `known` undefined: the names are not known, only the syntax is checked
 */
export function checkFormula(
  { state, textAt }: CheckInput,
  catalog: Catalog,
  text: string,
  at: { readonly path: string; readonly known: readonly string[] | undefined },
): void {
  const { path, known } = at
  const place = state.placeOf(path)
  const within = (offset: number, length: number) =>
    placeWithin(place, textAt(place), text, offset, length)
  const result = catalog.formulaVariables(text)
  if ('error' in result) {
    const message = `${labelOf(path)}: ${result.error.replace(/\.$/, '')}.`
    state.error('CONFIG_FORMULA', within(result.offset, 1), message)
    return
  }
  const unknown = result.variables.filter((name) => known !== undefined && !known.includes(name))
  for (const name of unknown) {
    const part = within(offsetOfName(text, name), name.length)
    unknownNameAt(state, part, path, `'${name}'`, name, known ?? [])
  }
  if (unknown.length > 0 || result.isCondition) return
  const message = `${labelOf(path)}: must be a condition, found a number.`
  const compared = IS_ARITHMETIC.test(text)
    ? text.trim()
    : (result.variables[0] ?? exampleOf(known))
  const hint = `Compare it with something, such as '${compared} >= 1'.`
  state.error('CONFIG_FORMULA', within(0, text.length), message, hint)
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
