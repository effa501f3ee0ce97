import { CommanderError } from '@commander-js/extra-typings'
import { ConnectivityError, PlatformError } from '../core/errors.ts'
import { findSystemFault } from '../core/system-faults.ts'
import { isThrownByDriver } from '../core/thrown-by.ts'
import type { ErrorView } from '../report/envelope.ts'
import { placeOf, problemLines, problemTotals } from '../report/terminal/problems.ts'
import { paintOf, type Style, wrap, wrapLines } from '../report/terminal/style.ts'
import type { ConfigProblem } from '../report/views.ts'
import { findCommandWords } from './examples.ts'
import type { Runtime } from './runtime.ts'

const USAGE = 2
const BUG = 1

/** Turns whatever was thrown into what the user is told. A bug of ours also leaves a crash file. */
export function describeFailure(
  error: unknown,
  runtime: Runtime,
  argv: readonly string[],
): ErrorView {
  if (error instanceof CommanderError) return describeUsage(error, argv)
  const operating = operatingError(error)
  if (operating !== undefined) return describeOperating(operating)
  return describeBug(error, runtime, argv)
}

/** How deep an error is looked into for what caused it. */
const CAUSES_MAX = 5

/**
 * Returns the operating error that an error is or comes from: what the system, a disk or a database refuses is nobody's mistake here.
 * The edges say it better, with what the file was for; this is for what they let pass.
 */
function operatingError(error: unknown, depth = 0): PlatformError | undefined {
  if (error instanceof PlatformError) return error
  const refusal = systemRefusal(error) ?? databaseRefusal(error)
  if (refusal !== undefined || !(error instanceof Error) || depth === CAUSES_MAX) return refusal
  const bundled = error instanceof AggregateError ? error.errors : []
  for (const inner of [error.cause, ...bundled]) {
    const found = inner === undefined ? undefined : operatingError(inner, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function systemRefusal(error: unknown): PlatformError | undefined {
  const fault = findSystemFault(error)
  if (fault === undefined) return undefined
  const { kind, path, reason, advice, errno } = fault
  const options = { context: { path, reason: errno }, cause: error }
  if (kind === 'network') {
    const text = `A connection failed: ${(error as Error).message}. ${advice}`
    return new ConnectivityError('NETWORK', text, options)
  }
  const where = path === undefined ? 'The system refused an operation' : path
  return new PlatformError('SYSTEM_REFUSED', `${where}: ${reason}. ${advice}`, options)
}

/** What the driver of PostgreSQL throws carries a severity and a SQLSTATE. */
function databaseRefusal(error: unknown): PlatformError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, severity } = error as { readonly code?: unknown; readonly severity?: unknown }
  const isReported = typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(String(code))
  if (!isReported && !isThrownByDriver(error)) return undefined
  const text = isReported
    ? `The database reports: ${error.message} (SQLSTATE ${code}). Look into the server's log.`
    : `What the database answers cannot be understood: ${error.message.replace(/\.$/, '')}. Is it PostgreSQL, whole and not in the middle of an upgrade? Look into its log.`
  return new ConnectivityError('DATABASE_FAILED', text, { context: { reason: code }, cause: error })
}

/** Commander's codes become ours: `commander.unknownOption` is `USAGE_UNKNOWN_OPTION`. */
function describeUsage(error: CommanderError, argv: readonly string[]): ErrorView {
  const name = error.code.replace(/^commander\./, '').replace(/([a-z])([A-Z])/g, '$1_$2')
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = /\(Did you mean (.+)\?\)/.exec(rest.join('\n'))?.[1]
  const lastSentence = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  const words = findCommandWords(argv)
  return {
    code: `USAGE_${name.toUpperCase()}`,
    message: `${message}${/[.!?]$/.test(message) ? '' : '.'}${lastSentence}`,
    exitCode: USAGE,
    hint: suggestion ?? `see --help${words === '' ? '' : ` of ${words}`}`,
  }
}

/** Place and problems travel in the error's context. */
function describeOperating(error: PlatformError): ErrorView {
  const { file, line, col, hint, problems } = error.context
  const found = isProblemList(problems) ? problems : undefined
  return {
    code: error.code,
    message:
      found === undefined
        ? error.message
        : `The configuration is invalid: ${problemTotals(found)}.`,
    exitCode: error.exitCode,
    file: textOf(file),
    line: numberOf(line),
    col: numberOf(col),
    hint: textOf(hint),
    problems: found,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function isProblemList(value: unknown): value is readonly ConfigProblem[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item?.message === 'string' && typeof item?.file === 'string')
  )
}

function describeBug(error: unknown, runtime: Runtime, argv: readonly string[]): ErrorView {
  const message = error instanceof Error ? error.message : String(error)
  const crashFile = writeCrashFile(error, runtime, argv)
  const kept = crashFile === undefined ? '' : ` Details are in ${crashFile}; please report it.`
  return {
    code: 'INTERNAL',
    message: `This is a bug of ours: ${message}.${kept}`.replace('..', '.'),
    exitCode: BUG,
    crashFile,
  }
}

/** Writes everything known about a crash; returns undefined when no folder takes the file. */
function writeCrashFile(
  error: unknown,
  runtime: Runtime,
  argv: readonly string[],
): string | undefined {
  const stamp = new Date(runtime.now()).toISOString()
  const text = [
    `crypto ${runtime.version}  ${runtime.platform}  ${stamp}`,
    `arguments: ${JSON.stringify(argv)}`,
    '',
    stackOf(error),
    '',
  ].join('\n')
  for (const folder of runtime.crashFolders) {
    const path = `${folder}/crypto-crash-${stamp.replace(/[-:]/g, '').replace(/\.\d+/, '')}.log`
    try {
      runtime.writeFile(path, text)
      return path
    } catch {
      // A folder that cannot be written to is no reason to lose the message: try the next one.
    }
  }
  return undefined
}

/** The stack of an error and of everything that caused it. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`
}

/** What stderr says: what, where, how to fix; problems with their source lines. */
export function failureLines(view: ErrorView, style: Style): string[] {
  const paint = paintOf(style)
  const [first = '', ...more] = wrapLines(`error: ${view.message}`, style.width)
  const place =
    view.file === undefined || view.message.includes(view.file)
      ? []
      : [`  at ${placeOf({ file: view.file, line: view.line, col: view.col })}`]
  const isNew = view.hint !== undefined && !view.message.includes(view.hint)
  const hint = isNew ? wrap(`  ${view.hint}`, style.width, '  ') : []
  const problems = view.problems === undefined ? [] : problemLines(view.problems, style)
  return [...problems, first.replace(/^error:/, paint.bad('error:')), ...more, ...place, ...hint]
}
