import { Ansis } from 'ansis'

/** What the terminal can show. */
export interface Style {
  /** Columns; 80 when not known. */
  readonly width: number
  /** The locale is UTF-8: box lines, blocks and the middle dot may be used. */
  readonly unicode: boolean
  readonly color: boolean
}

export const PLAIN: Style = { width: 80, unicode: true, color: false }

export interface Paint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly caution: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
}

const same = (text: string): string => text
const NO_PAINT: Paint = { good: same, bad: same, caution: same, dim: same, bold: same }

/** Returns the colours of a style. Colour only repeats what signs and words already say. */
export function paintOf(style: Style): Paint {
  if (!style.color) return NO_PAINT
  const ansis = new Ansis(1)
  return {
    good: (text) => ansis.green(text),
    bad: (text) => ansis.red(text),
    caution: (text) => ansis.yellow(text),
    dim: (text) => ansis.dim(text),
    bold: (text) => ansis.bold(text),
  }
}

export interface Glyphs {
  readonly rule: string
  readonly ellipsis: string
  readonly times: string
  readonly barFull: string
  readonly barEmpty: string
  readonly spark: readonly string[]
}

const UNICODE: Glyphs = {
  rule: '─',
  ellipsis: '…',
  times: '·',
  barFull: '█',
  barEmpty: '░',
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
}

const ASCII: Glyphs = {
  rule: '-',
  ellipsis: '~',
  times: '*',
  barFull: '#',
  barEmpty: '.',
  spark: ['_', '.', '-', '=', '+', '*', '%', '#'],
}

export function glyphsOf(style: Style): Glyphs {
  return style.unicode ? UNICODE : ASCII
}

/** Cuts `text` to `width` columns; the last one says that something is missing. */
export function clip(text: string, width: number, style: Style): string {
  if (Bun.stringWidth(text) <= width) return text
  const kept = [...Bun.stripANSI(text)]
  while (kept.length > 0 && Bun.stringWidth(kept.join('')) > width - 1) kept.pop()
  return `${kept.join('')}${glyphsOf(style).ellipsis}`
}

/** Breaks `text` at blanks into lines of at most `width` columns; later lines start with `indent`. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = []
  const [, lead = '', rest = ''] = /^( *)(.*)$/s.exec(text) ?? []
  let line = lead
  let isEmpty = true
  for (const word of rest.split(' ')) {
    const longer = isEmpty ? line + word : `${line} ${word}`
    if (!isEmpty && Bun.stringWidth(longer) > width) {
      lines.push(line)
      line = indent + word
    } else {
      line = longer
    }
    isEmpty = false
  }
  return [...lines, line]
}

/**
 * Breaks a shell command before its options so that each line fits `width`, joined by ` \`: still one command to copy.
 */
export function wrapCommand(lead: string, words: readonly string[], width: number): string[] {
  const whole = `${lead}${words.join(' ')}`
  if (whole.length <= width) return [whole]
  const lines: string[] = []
  let line = lead.trimEnd() === '' ? lead : '  '
  if (lead.trimEnd() !== '') lines.push(lead.trimEnd())
  let hasWords = false
  for (const word of words) {
    if (hasWords && line.length + word.length + 3 > width) {
      lines.push(`${line} \\`)
      line = `    ${word}`
    } else {
      line = hasWords ? `${line} ${word}` : `${line}${word}`
    }
    hasWords = true
  }
  return [...lines, line]
}
