import type { ParamValues } from '../../backtesting/results.ts'
import type { Warning } from '../views.ts'
import { paramValue } from './format.ts'
import { paintOf, type Style, wrap, wrapCommand } from './style.ts'

/** How a user starts the program from a fresh clone; commands that we print can be copied. */
export const PROGRAM = 'bun run crypto'

/** Returns `! ...` lines, wrapped, the mark in colour where allowed. */
export function warningLines(warnings: readonly Warning[], style: Style): string[] {
  const paint = paintOf(style)
  return warnings.flatMap(({ message }) => {
    const [first = '', ...more] = wrap(message, style.width - 2)
    return [`${paint.caution('!')} ${first}`, ...more.map((line) => `  ${line}`)]
  })
}

/**
 * Returns `next: bun run crypto ...`, broken with a backslash where it is too long.
 * @param words of the command; an option and its values are one element
 */
export function commandLines(label: string, words: readonly string[], style: Style): string[] {
  return wrapCommand(`${label}: `, [style.program ?? PROGRAM, ...words], style.width)
}

/** Returns aligned `label  text` lines; long text continues under itself. */
export function factLines(
  facts: readonly (readonly [label: string, text: string])[],
  style: Style,
): string[] {
  const paint = paintOf(style)
  const width = Math.max(0, ...facts.map(([label]) => label.length)) + 2
  return facts.flatMap(([label, text]) => {
    const [first = '', ...more] = wrap(text, style.width - width)
    const lead = paint.dim(label) + ' '.repeat(width - label.length)
    return [`${lead}${first}`, ...more.map((line) => ' '.repeat(width) + line)]
  })
}

/** `fast_period=10 slow_period=30` */
export function assignments(params: ParamValues): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${paramValue(value)}`)
    .join(' ')
}
