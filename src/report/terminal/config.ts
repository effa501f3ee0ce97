import type { ConfigProblem, ConfigReport, EffectiveConfig } from '../views.ts'
import { plural } from './format.ts'
import { paintOf, type Style, wrap } from './style.ts'

/** All problems, sorted by place, each with its source line, then the totals. */
export function problemLines(problems: readonly ConfigProblem[], style: Style): string[] {
  return [...problems].sort(byPlace).flatMap((problem) => oneProblem(problem, style))
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

interface Place {
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** `config/sweeps.yaml:3:11`, as editors and terminals recognise it. */
export function placeOf(problem: Place): string {
  return [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
}

function oneProblem(problem: ConfigProblem, style: Style): string[] {
  const paint = paintOf(style)
  const isError = problem.severity === 'error'
  const word = isError ? paint.bad('error') : paint.caution('warning')
  const [first = '', ...more] = wrap(problem.message, style.width - 4)
  const head = `${placeOf(problem)}  ${word}`
  const isShort = Bun.stringWidth(head) + 2 + Bun.stringWidth(problem.message) <= style.width
  const text = isShort
    ? [`${head}  ${problem.message}`]
    : [head, `    ${first}`, ...more.map((l) => `    ${l}`)]
  return [...text, ...frameLines(problem, style)]
}

/** The source line with the faulty part underlined. */
function frameLines(problem: ConfigProblem, style: Style): string[] {
  if (problem.source === undefined || problem.line === undefined) return []
  const gutter = `${String(problem.line).padStart(5)} | `
  const room = style.width - gutter.length
  const start = (problem.column ?? 1) - 1
  const shift = Math.max(0, Math.min(start - 8, problem.source.length - room))
  const shown = problem.source.slice(shift, shift + room)
  const length = Math.max(1, Math.min(problem.length ?? 1, room - (start - shift)))
  const caret = `${' '.repeat(5)} | ${' '.repeat(start - shift)}${'^'.repeat(length)}`
  return [
    `${gutter}${shown}`,
    problem.column === undefined ? '' : paintOf(style).bad(caret),
  ].filter(Boolean)
}

/** The verdict of `config validate`: problems and totals, or what was found to be right. */
export function configReportLines(report: ConfigReport, style: Style): string[] {
  const errors = report.problems.filter((problem) => problem.severity === 'error').length
  const warnings = report.problems.length - errors
  const totals = `${plural(errors, 'error')}, ${plural(warnings, 'warning')} in ${plural(report.files.length, 'file')}`
  if (report.problems.length > 0) return [...problemLines(report.problems, style), totals]
  const counts = Object.entries(report.counts).map(([kind, size]) => `${size} ${kind}`)
  const found = `ok  ${plural(report.files.length, 'file')}: ${counts.join(', ') || 'nothing configured'}`
  return [...wrap(found, style.width, '    ')]
}

/** Every value with where it came from; an origin that does not fit moves to a line of its own. */
export function originLines(config: EffectiveConfig, style: Style): string[] {
  const paint = paintOf(style)
  const settings = config.values.map(({ path, value }) => `${path}: ${valueText(value)}`)
  const room = Math.min(56, Math.max(0, ...settings.map((text) => Bun.stringWidth(text))))
  return config.values.flatMap(({ origin }, i) => {
    const setting = settings[i] as string
    const pad = ' '.repeat(Math.max(0, room - Bun.stringWidth(setting)))
    const line = `${setting}${pad}  # ${origin}`
    const fits = Bun.stringWidth(line) <= style.width
    return fits
      ? [`${setting}${pad}  ${paint.dim(`# ${origin}`)}`]
      : [setting, paint.dim(`    # ${origin}`)]
  })
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
