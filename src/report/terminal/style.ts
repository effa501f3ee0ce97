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

/** Puts parts side by side, two blanks between them, and starts a new line where the next one does not fit. */
export function wrapParts(parts: readonly string[], width: number, indent = ''): string[] {
  const lines: string[] = []
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ''}  ${part}`
    if (lines.length === 0) lines.push(part)
    else if (Bun.stringWidth(longer) > width) lines.push(indent + part)
    else lines[lines.length - 1] = longer
  }
  return lines
}

/**
 * Breaks a shell command so that each line fits `width`, joined by ` \`: still one command to copy.
 * @param groups words that belong together, such as an option with its values; broken up only when too long themselves
 */
export function wrapCommand(lead: string, groups: readonly string[], width: number): string[] {
  const indent = ' '.repeat(lead.length + 2)
  const room = width - indent.length - 2
  const words = groups.flatMap((group) => (group.length > room ? group.split(' ') : [group]))
  const lines: string[] = []
  let line = lead + (words[0] ?? '')
  for (const [i, word] of words.entries()) {
    if (i === 0) continue
    const isLast = i === words.length - 1
    if (line.length + 1 + word.length + (isLast ? 0 : 2) > width) {
      lines.push(`${line} \\`)
      line = indent + word
    } else {
      line = `${line} ${word}`
    }
  }
  return [...lines, line]
}
