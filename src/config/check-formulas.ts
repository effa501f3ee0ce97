import type { Catalog } from './catalog.ts'
import { type CheckInput, unknownNameAt } from './check-names.ts'
import type { Place } from './problems.ts'
import { labelOf } from './state.ts'

/**
 * Checks that a formula parses and uses known names only.
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
  for (const name of result.variables) {
    if (known === undefined || known.includes(name)) continue
    const part = within(offsetOfName(text, name), name.length)
    unknownNameAt(state, part, path, `'${name}'`, name, known)
  }
}

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
