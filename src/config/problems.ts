import { REDACTED } from './secret.ts'

/** A stretch of one line; `line` and `col` count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly col: number
  readonly length: number
}

export type Severity = 'error' | 'warn'

export interface Problem extends Place {
  readonly severity: Severity
  /** Stable upper-case literal, such as `CONFIG_UNKNOWN_KEY`. */
  readonly code: string
  readonly message: string
  /** What to do about it, such as `Did you mean 'params'?`. */
  readonly hint?: string
  /** The line of the file; absent where there is none. */
  readonly frame?: Frame
}

/** A line with its secrets masked, and where the mark goes under it (from 1). */
export interface Frame {
  readonly text: string
  readonly col: number
  readonly length: number
}

/** A problem before its line is looked up. */
export type Finding = Omit<Problem, 'frame'>

export function formatPlace(place: Pick<Place, 'file' | 'line' | 'col'>): string {
  return `${place.file}:${place.line}:${place.col}`
}

const SECRET_KEY =
  '((?:api[_-]?key|api[_-]?secret|password|passphrase|secret|token)["\']?\\s*:\\s*)'
/** Inside braces a bare value ends where the braces close or another key begins; an open quote runs on. */
const FLOW_END = `(?=\\s*(?:,\\s*["']?[\\w-]+["']?\\s*:|\\}\\s*,|[}\\]\\s]*(?:#.*)?$))`
const FLOW_VALUE = `("(?:[^"\\\\]|\\\\.)*"|'(?:[^']|'')*'|["'].*|[^\\s,}].*?${FLOW_END})`
const SECRET_IN_FLOW = new RegExp(SECRET_KEY + FLOW_VALUE, 'gi')
const SECRET_IN_BLOCK = new RegExp(`${SECRET_KEY}(\\S.*)`, 'gi')
const BARE_REFERENCE = /^["']?\$\{[A-Za-z_][A-Za-z0-9_]*\}["']?$/

/**
 * Returns the frame of a place: its line with the values of secret keys masked and the mark moved along.
 * Works on the text, so that it holds for files that are not valid YAML too.
 */
export function frameOf(place: Place, line: string): Frame {
  const start = place.col - 1
  let shift = 0
  let inside: number | undefined
  let length = place.length
  const pattern = isInFlow(line) ? SECRET_IN_FLOW : SECRET_IN_BLOCK
  const text = line.replace(pattern, (match, key: string, value: string, offset: number) => {
    if (BARE_REFERENCE.test(value.trim())) return match
    const from = offset + key.length
    const difference = REDACTED.length - value.length
    if (start >= from + value.length) shift += difference
    else if (start >= from) inside = from + shift
    else if (start + length > from) length += difference
    return key + REDACTED
  })
  if (inside !== undefined) return { text, col: inside + 1, length: REDACTED.length }
  return { text, col: start + shift + 1, length: Math.max(1, length) }
}

function isInFlow(line: string): boolean {
  const key = new RegExp(SECRET_KEY, 'i').exec(line)
  return key !== null && line.slice(0, key.index).includes('{')
}

/** Errors and warnings in the order of files and positions, each once. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const key = (f: Finding) => `${f.file}\0${f.line}\0${f.col}\0${f.code}\0${f.message}`
  const unique = [...new Map(findings.map((finding) => [key(finding), finding])).values()]
  return unique.sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.col - b.col,
  )
}

export type Paint = (text: string, role: Severity | 'place' | 'mark') => string

/** Renders one problem with its code frame: place, severity, message, line, mark. */
export function renderProblem(problem: Problem, paint: Paint = (text) => text): string {
  const { severity, message, hint } = problem
  const head =
    `${paint(formatPlace(problem), 'place')}  ${paint(severity.padEnd(5), severity)}  ` +
    `${message}${hint === undefined ? '' : ` ${hint}`}`
  if (problem.frame === undefined) return head
  const { text, col, length } = problem.frame
  const blank = text.slice(0, col - 1).replace(/[^\t]/g, ' ')
  const carets = paint('^'.repeat(length), 'mark')
  return `${head}\n${String(problem.line).padStart(5)} | ${text}\n      | ${blank}${carets}`
}

/** Renders all problems and a last line that counts them. */
export function renderProblems(problems: readonly Problem[], paint?: Paint): string {
  const count = (severity: Severity, word: string) => {
    const n = problems.filter((problem) => problem.severity === severity).length
    return `${n} ${word}${n === 1 ? '' : 's'}`
  }
  const files = [...new Set(problems.map((problem) => problem.file))]
  const where = files.length === 0 ? '' : ` in ${files.join(', ')}`
  return [
    ...problems.map((problem) => renderProblem(problem, paint)),
    `${count('error', 'error')}, ${count('warn', 'warning')}${where}`,
  ].join('\n')
}
