import { CommanderError } from '@commander-js/extra-typings'
import { PlatformError } from '../core/errors.ts'
import type { ErrorView } from '../report/json.ts'
import { placeOf, problemLines, problemTotals } from '../report/terminal/config.ts'
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
  if (error instanceof PlatformError) return describeOperating(error)
  return describeBug(error, runtime, argv)
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
