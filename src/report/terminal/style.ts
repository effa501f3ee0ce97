import { Ansis } from 'ansis'
import { showControls } from '../../core/foreign-text.ts'

/** What the terminal can show. */
export interface Style {
  /** Columns; 80 when not known. */
  readonly width: number
  /** The locale is UTF-8: box lines, blocks and the middle dot may be used. */
  readonly unicode: boolean
  readonly color: boolean
  /** Somebody looks at it, and no program reads it. */
  readonly isTerminal?: boolean
  /** How the program is started in the shell that shows it; left out: `bun run crypto`. */
  readonly program?: string
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

/** What `paintOf` puts around a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const COLOR = /(\u001b\[(?:1|2|22|31|32|33|39)m)/

/** Returns a line as a terminal may get it: of all control characters in it, only our own colours are not shown. */
export function harmless(line: string, style: Style): string {
  if (!style.color) return showControls(line)
  return line
    .split(COLOR)
    .map((part, i) => (i % 2 === 0 ? showControls(part) : part))
    .join('')
}

/** Returns a text without colours, its other control characters shown except for the ends of its lines. */
export function plainText(text: string): string {
  const lines = text.replaceAll(new RegExp(COLOR, 'g'), '').split('\n')
  return lines.map(showControls).join('\n')
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

/** Wraps the lines of a message. All but the first are indented, so that no text in it passes for a message of its own. */
export function wrapLines(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line, i) => {
    const isFlush = i > 0 && !line.startsWith('  ')
    return wrap(isFlush ? `  ${line}` : line, width, '  ')
  })
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
