import type { ConfigProblem } from '../views.ts'
import { plural } from './format.ts'
import { paintOf, type Style, wrap } from './style.ts'

/** Problems of the configuration in lines. A failed command prints them too, so nothing of the documents is loaded here. */

/** All problems, sorted by place, each with its source line, then the totals. */
export function problemLines(problems: readonly ConfigProblem[], style: Style): string[] {
  return [...problems].sort(byPlace).flatMap((problem) => oneProblem(problem, style))
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return (a.line ?? 0) - (b.line ?? 0) || (a.col ?? 0) - (b.col ?? 0)
}

interface Place {
  readonly file: string
  readonly line?: number | undefined
  readonly col?: number | undefined
}

/** `config/sweeps.yaml:3:11`, as editors and terminals recognise it. */
export function placeOf(problem: Place): string {
  return [problem.file, problem.line, problem.col].filter((part) => part !== undefined).join(':')
}

function oneProblem(problem: ConfigProblem, style: Style): string[] {
  const paint = paintOf(style)
  const isError = problem.severity === 'error'
  const head = `${placeOf(problem)}  ${isError ? paint.bad('error') : paint.caution('warn')}`
  const text = problem.hint === undefined ? problem.message : `${problem.message} ${problem.hint}`
  const isShort = Bun.stringWidth(head) + 2 + Bun.stringWidth(text) <= style.width
  const lines = isShort ? [`${head}  ${text}`] : [head, ...wrap(`  ${text}`, style.width, '  ')]
  return [...lines, ...frameLines(problem, style)]
}

/** The source line with the faulty part underlined; a long line is cut so that the fault stays in view. */
function frameLines({ frame, line }: ConfigProblem, style: Style): string[] {
  if (frame === undefined || line === undefined) return []
  const gutter = `${String(line).padStart(5)} | `
  const room = style.width - gutter.length
  const start = frame.col - 1
  const shift = Math.max(0, Math.min(start - 8, frame.text.length - room))
  const shown = frame.text.slice(shift, shift + room).replaceAll('\t', ' ')
  const length = Math.max(1, Math.min(frame.length, room - (start - shift)))
  const mark = ' '.repeat(start - shift) + paintOf(style).bad('^'.repeat(length))
  return [gutter + shown, `${' '.repeat(5)} | ${mark}`]
}

/** `2 errors, 1 warning`. */
export function problemTotals(problems: readonly ConfigProblem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length
  return `${plural(errors, 'error')}, ${plural(problems.length - errors, 'warning')}`
}
