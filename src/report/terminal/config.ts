import type { ConfigProblem, ConfigReport, EffectiveConfig } from '../views.ts'
import { plural } from './format.ts'
import { paintOf, type Style, wrap } from './style.ts'

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

/** The verdict of `config validate`: problems and totals, or what was found to be right. */
export function configReportLines(report: ConfigReport, style: Style): string[] {
  const totals = `${problemTotals(report.problems)} in ${plural(report.files.length, 'file')}`
  if (report.problems.length > 0) return [...problemLines(report.problems, style), totals]
  const counts = Object.entries(report.counts).map(
    ([kind, size]) => `${size} ${size === 1 ? singular(kind) : kind}`,
  )
  const found = `ok  ${plural(report.files.length, 'file')}: ${counts.join(', ') || 'nothing configured'}`
  return [...wrap(found, style.width, '    ')]
}

function singular(kind: string): string {
  return kind.replace(/ies$/, 'y').replace(/s$/, '')
}

/** Every value with where it came from; an origin that does not fit moves to a line of its own. */
export function originLines(config: EffectiveConfig, style: Style): string[] {
  const paint = paintOf(style)
  const settings = config.values.map(({ path, value }) => `${path}: ${valueText(value)}`)
  const longest = Math.max(0, ...config.values.map(({ origin }) => origin.length))
  const widest = Math.max(0, ...settings.map((text) => Bun.stringWidth(text)))
  const room = Math.min(widest, style.width - longest - '  # '.length)
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
