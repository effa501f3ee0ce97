import { excerpt, showControls } from '../core/foreign-text.ts'
import { maskCredentials, REDACTED } from '../core/redact.ts'
import { isLongSecret, redactSecrets } from './secret.ts'
import { mergeSpans, type Span } from './spans.ts'

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
  /** True for an error that is a warning, because its entry is not used. */
  readonly isUnused?: boolean
  /** The line of the file; absent where there is none. */
  readonly frame?: Frame
}

/** A line with its secrets masked, and where the mark goes under it (from 1). */
export interface Frame {
  readonly text: string
  readonly col: number
  readonly length: number
}

/** What to do about a problem: worked out only for what is shown, as a search for a similar name is dear. */
export type Hint = string | (() => string | undefined)

/** A problem before its line is looked up. */
export interface Finding extends Omit<Problem, 'frame' | 'hint'> {
  readonly hint?: Hint
  /** The entry that it belongs to, such as `strategies.rsi`; undefined for the structure of a file. */
  readonly entry?: string | undefined
}

export function formatPlace(place: Pick<Place, 'file' | 'line' | 'col'>): string {
  return `${place.file}:${place.line}:${place.col}`
}

/** What may be secret in any text: who and with which password in a URL. */
const URL_CREDENTIALS =
  /(?<=[a-z][a-z0-9+.-]*:\/\/)[^\s"']+(?=@)|(?<=[?&][\w-]*(?:pass|pwd|secret|token|key)[\w-]*=)[^&\s"']+/gi

/** Returns a message without secrets and control characters. */
export function cleanText(text: string, secrets: readonly string[]): string {
  return excerpt(showControls(maskCredentials(redactSecrets(text, secrets))), MESSAGE_MAX)
}

const MESSAGE_MAX = 1000

/** Longer lines have no frame. */
export const FRAME_MAX = 2000

/**
 * Returns the frame of a place: its line with the masks (columns from 0) and every secret value replaced by
 * `***`, and the mark moved along.
 */
export function frameOf(
  place: Place,
  line: string,
  masks: readonly Span[],
  secrets: readonly string[],
): Frame {
  const start = place.col - 1
  const end = start + place.length
  const spans = mergeSpans([...masks, ...findSecrets(line, secrets)], line)
  const moved = (at: number) => {
    const before = spans.filter((span) => span.end <= at)
    return before.reduce((sum, span) => sum + REDACTED.length - (span.end - span.start), at)
  }
  const around = (at: number) => spans.find((span) => span.start < at && at < span.end)
  const first = around(start + 0.5)
  const last = around(end - 0.5)
  const from = moved(first?.start ?? start)
  const to = last === undefined ? moved(end) : moved(last.start) + REDACTED.length
  return { text: mask(line, spans), col: from + 1, length: Math.max(1, to - from) }
}

function mask(line: string, spans: readonly Span[]): string {
  const ends = [0, ...spans.map((span) => span.end)]
  const starts = [...spans.map((span) => span.start), line.length]
  return starts.map((start, i) => showControls(line.slice(ends[i], start))).join(REDACTED)
}

function findSecrets(line: string, secrets: readonly string[]): readonly Span[] {
  const spanOf = (at: number, text: string) => ({ start: at, end: at + text.length })
  const urls = [...line.matchAll(URL_CREDENTIALS)].map((match) => spanOf(match.index, match[0]))
  const values = secrets.filter(isLongSecret).flatMap((secret) => {
    const found: Span[] = []
    for (let at = line.indexOf(secret); at >= 0; at = line.indexOf(secret, at + 1)) {
      found.push(spanOf(at, secret))
    }
    return found
  })
  return [...urls, ...values]
}

/** Errors and warnings in the order of files and positions, each once: as an error where it is one of any entry. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const key = (f: Finding) => `${f.file}\0${f.line}\0${f.col}\0${f.code}\0${f.message}`
  const isWarning = (f: Finding) => (f.severity === 'warn' ? 0 : 1)
  const errorsLast = findings.toSorted((a, b) => isWarning(a) - isWarning(b))
  const unique = [...new Map(errorsLast.map((finding) => [key(finding), finding])).values()]
  return unique.sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.col - b.col,
  )
}

export type Paint = (text: string, role: Severity | 'place' | 'mark') => string

/** Returns one problem in one line. */
export function formatProblem(problem: Problem): string {
  const { message, hint } = problem
  return `${formatPlace(problem)} ${message}${hint === undefined ? '' : ` ${hint}`}`
}

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
