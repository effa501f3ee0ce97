import { LOG_LEVELS, type LogLevel } from '../app/environment.ts'
import { ConfigError } from '../core/errors.ts'
import { findSystemFault } from '../core/system-faults.ts'
import type { Report } from '../report/report.ts'
import { commandLines } from '../report/terminal/blocks.ts'
import { harmless, plainText, type Style, wrapLines } from '../report/terminal/style.ts'
import type { RunView } from '../report/views.ts'
import type { Runtime } from './runtime.ts'
import { canRedraw, styleOf } from './terminal.ts'

/** The options of every command. */
export interface GlobalOptions {
  readonly configDir: string
  readonly dataDir?: string | undefined
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
  readonly logFile?: string | undefined
}

export const DEFAULT_CONFIG_DIR = 'config'

/** What a command has to say at its end besides its result. */
export interface Ending {
  readonly run?: Omit<RunView, 'engine' | 'ms'>
  /** The next sensible command as words after the program's name. */
  readonly next?: readonly string[]
  /** The command that does the same on candles that were not seen. */
  readonly otherData?: readonly string[]
  /** 0 unless said otherwise; an interruption wins. */
  readonly exitCode?: number
}

/** Something that redraws in place on stderr and has to make room for other lines. */
export interface LivePanel {
  clear(): void
  redraw(): void
}

/** stdout for the result, stderr for everything else, a log file for all that was said on stderr. */
export class Output {
  readonly options: GlobalOptions
  readonly #runtime: Runtime
  readonly #startedAt: number
  readonly #interruptedWith: () => number | undefined
  #panel: LivePanel | undefined
  #logLevel: LogLevel = 'INFO'
  #logFailed = false

  constructor(
    options: GlobalOptions,
    runtime: Runtime,
    interruptedWith: () => number | undefined = () => undefined,
  ) {
    this.options = options
    this.#runtime = runtime
    this.#startedAt = runtime.elapsed()
    this.#interruptedWith = interruptedWith
  }

  /** Style of the result on stdout. */
  get style(): Style {
    return styleOf(this.#runtime.stdout, this.#runtime.env, this.options)
  }

  /** Style of messages on stderr. */
  get messageStyle(): Style {
    return styleOf(this.#runtime.stderr, this.#runtime.env, this.options)
  }

  /** Whether a panel on stderr may redraw itself. */
  get canRedraw(): boolean {
    return !this.options.quiet && canRedraw(this.#runtime.stderr, this.#runtime.env)
  }

  get messageStream(): NodeJS.WritableStream {
    return this.#runtime.stderr.stream
  }

  /** Monotonic milliseconds. */
  elapsed(): number {
    return this.#runtime.elapsed()
  }

  /** The options of this command line that a command to copy needs as well: the same files, the same candles. */
  #sharedWords(): readonly string[] {
    const { configDir, dataDir } = this.options
    return [
      ...(configDir === DEFAULT_CONFIG_DIR ? [] : [`--config-dir ${shellWord(configDir)}`]),
      ...(dataDir === undefined ? [] : [`--data-dir ${shellWord(dataDir)}`]),
    ]
  }

  attachPanel(panel: LivePanel | undefined): void {
    this.#panel = panel
  }

  /** Sets the least severe message that the log file keeps. */
  setLogLevel(level: LogLevel): void {
    this.#logLevel = level
  }

  /** Prints the result in the form asked for, as its report says, and returns the exit code of the command. */
  async finish<Result>(
    report: Report<Result>,
    result: Result,
    ending: Ending = {},
  ): Promise<number> {
    const exitCode = this.#interruptedWith() ?? ending.exitCode ?? 0
    const text = this.options.json
      ? await this.#document(report, result, exitCode, ending.run)
      : this.#human(report.lines(result, this.style), ending)
    await this.#runtime.stdout.write(text)
    return exitCode
  }

  async #document<Result>(
    report: Report<Result>,
    result: Result,
    exitCode: number,
    run: Ending['run'],
  ): Promise<string> {
    const ms = Math.round(this.#runtime.elapsed() - this.#startedAt)
    const { envelopeText } = await import('../report/envelope.ts')
    return envelopeText({
      schema: report.id,
      ok: exitCode === 0,
      run: { engine: this.#runtime.version, ms, ...run },
      result: report.json(result),
      warnings: report.warnings?.(result) ?? [],
    })
  }

  #human(shown: readonly string[], { next = [], otherData = [] }: Ending): string {
    const style = this.style
    const hints = [...this.#hint('next', next), ...this.#hint('on other data', otherData)]
    const lines = [...shown, ...hints].flatMap((text) => text.split('\n'))
    return lines.map((line) => `${harmless(line, style)}\n`).join('')
  }

  #hint(label: string, words: readonly string[]): readonly string[] {
    if (this.options.quiet || words.length === 0) return []
    return commandLines(label, [...words, ...this.#sharedWords()], this.style)
  }

  /** Says something beside the result, unless `--quiet`. */
  note(...lines: readonly string[]): Promise<void> {
    this.log('INFO', lines.join('\n'))
    return this.options.quiet ? Promise.resolve() : this.#say(lines)
  }

  /** Says something only with `--verbose`. */
  detail(text: string): Promise<void> {
    this.log('DEBUG', text)
    return this.options.verbose
      ? this.#say(wrapLines(text, this.messageStyle.width))
      : Promise.resolve()
  }

  /** Warns on stderr, also with `--quiet`. */
  warn(text: string): Promise<void> {
    this.log('WARN', text)
    return this.#say(wrapLines(`warning: ${text}`, this.messageStyle.width))
  }

  /** Says why the command failed. */
  error(lines: readonly string[]): Promise<void> {
    this.log('ERROR', lines.join('\n'))
    return this.#say(lines)
  }

  /** Writes to the log file alone. */
  log(level: LogLevel, text: string): void {
    const { logFile } = this.options
    const isKept = LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.#logLevel)
    if (logFile === undefined || !isKept) return
    const time = new Date(this.#runtime.now()).toISOString()
    const line = JSON.stringify({ time, level: level.toLowerCase(), message: plainText(text) })
    const cause = this.#append(`${line}\n`)
    if (cause === undefined) return
    this.#logFailed = true
    void this.warn(`${logFailure(logFile, cause)} The command goes on without it.`)
  }

  /**
   * Finds out now, and not at the end, that the log would stay empty. A full disk is said and no more: it may have room later, and what
   * is logged is no result.
   * @throws ConfigError `LOG_FILE` when the file cannot be opened
   */
  checkLogFile(): void {
    const cause = this.#append('')
    if (cause === undefined) return
    const message = logFailure(this.options.logFile, cause)
    this.#logFailed = true
    if (findSystemFault(cause)?.kind !== 'full')
      throw new ConfigError('LOG_FILE', message, { cause })
    void this.warn(`${message} The command goes on without it.`)
  }

  /** Says the first failure and goes on: later messages are not logged, but said. Returns why nothing was appended. */
  #append(text: string): unknown {
    const { logFile } = this.options
    if (logFile === undefined || this.#logFailed) return undefined
    try {
      this.#runtime.appendFile(logFile, text)
      return undefined
    } catch (cause) {
      return cause
    }
  }

  async #say(lines: readonly string[]): Promise<void> {
    this.#panel?.clear()
    const style = this.messageStyle
    const text = lines.map((line) => `${harmless(line, style)}\n`).join('')
    const written = this.#runtime.stderr.write(text)
    this.#panel?.redraw()
    await written
  }
}

function logFailure(file: string | undefined, cause: unknown): string {
  const fault = findSystemFault(cause)
  const reason = fault?.reason ?? (cause instanceof Error ? cause.message : String(cause))
  return `--log-file ${file} cannot be written: ${reason}. Choose another file.`
}

/** Quotes a word for a shell where it needs it. */
function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
