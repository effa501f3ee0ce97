import { CommanderError, type OutputConfiguration } from '@commander-js/extra-typings'
import type { CreateApp } from '../app/app.ts'
import type { Environment, Logger } from '../app/environment.ts'
import { PlatformError } from '../core/errors.ts'
import { Redactor } from '../core/redact.ts'
import type { ErrorView } from '../report/envelope.ts'
import type { Session } from './command.ts'
import { tourLines } from './examples.ts'
import { describeFailure, failureLines, stackOf } from './failures.ts'
import { createInterrupts, type Interrupts } from './interrupts.ts'
import { DEFAULT_CONFIG_DIR, type GlobalOptions, Output } from './output.ts'
import { createProgram, globalOptionsOf } from './program.ts'
import { redactingRuntime, secretsOf, withoutSecrets } from './redacting-runtime.ts'
import type { Runtime, SignalName } from './runtime.ts'
import { systemClock } from './system-clock.ts'
import { programOf } from './terminal.ts'

/**
 * Runs one command line and returns the exit code. Never throws and never ends the process.
 * @param argv words after the program's name
 * @param redactor masks secrets in all that is said, also by others who share it
 */
export async function runCli(
  argv: readonly string[],
  runtime: Runtime,
  createApp: CreateApp,
  redactor = new Redactor(),
): Promise<number> {
  const line = new CommandLine(argv, runtime, createApp, redactor)
  try {
    return await line.run()
  } catch (error) {
    return await line.fail(error)
  } finally {
    line.dispose()
  }
}

/** Tells the user about an error that no command was waiting for, and returns the exit code. */
export async function reportCrash(
  error: unknown,
  argv: readonly string[],
  runtime: Runtime,
  redactor: Redactor,
): Promise<number> {
  const line = new CommandLine(argv, runtime, () => Promise.reject(error), redactor)
  try {
    return await line.fail(error)
  } finally {
    line.dispose()
  }
}

/** The state of one command line: its options once they are known, its exit code, its interrupts. */
class CommandLine {
  readonly #argv: readonly string[]
  readonly #redactor: Redactor
  readonly #runtime: Runtime
  readonly #createApp: CreateApp
  readonly #interrupts: Interrupts
  #output: Output
  #exitCode = 0

  constructor(argv: readonly string[], runtime: Runtime, createApp: CreateApp, redactor: Redactor) {
    this.#argv = argv
    this.#redactor = redactor
    redactor.add(secretsOf(runtime.env))
    this.#runtime = redactingRuntime(runtime, this.#redactor)
    this.#createApp = createApp
    this.#interrupts = createInterrupts(runtime, (name) => this.#sayStopping(name))
    this.#output = this.#createOutput(guessOptions(argv))
  }

  async run(): Promise<number> {
    const start = programOf(this.#runtime.env)
    if (this.#argv.length === 0) return this.#print(`${tourLines(start).join('\n')}\n`)
    const help: string[] = []
    const program = createProgram((work) => this.#dispatch(work, globalOptionsOf(program)), {
      version: this.#runtime.version,
      start,
      text: collectingText(this.#output, (text) => help.push(text)),
    })
    try {
      await program.parseAsync(withHelpOption(this.#argv), { from: 'user' })
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      return await this.#afterCommander(error, help.join(''))
    }
    return this.#exitCode
  }

  /** Help that was asked for is a result; help in place of a missing command is a usage error. */
  async #afterCommander(error: CommanderError, help: string): Promise<number> {
    if (error.exitCode === 0) return this.#print(help)
    if (error.code !== 'commander.help') throw error
    const missing = new CommanderError(2, 'commander.missingCommand', 'a command is missing')
    if (this.#output.options.json) throw missing
    await this.#runtime.stderr.write(help)
    throw missing
  }

  async #print(text: string): Promise<number> {
    await this.#runtime.stdout.write(text)
    return 0
  }

  async #dispatch(
    work: (session: Session) => Promise<number>,
    options: GlobalOptions,
  ): Promise<void> {
    this.#output = this.#createOutput(options)
    await this.#learnSecrets(options.configDir)
    this.#output.checkLogFile()
    const app = await this.#createApp(this.#environment())
    try {
      this.#exitCode = await work({ app, output: this.#output })
    } finally {
      await app.close()
    }
  }

  /**
   * What the configuration takes from the environment as a secret is masked from here on: before a plugin is loaded, and before
   * arguments are repeated that may hold it. What is wrong with the files is for the commands to say.
   */
  async #learnSecrets(dir: string): Promise<void> {
    const { env } = this.#runtime
    try {
      const { areSecretFree } = await import('../config/secret-free.ts')
      if (areSecretFree({ dir, env: withoutSecrets(env) })) return
      const { findSecrets } = await import('../config/index.ts')
      this.#redactor.add(findSecrets({ dir, env }))
    } catch {}
  }

  #environment(): Environment {
    const { configDir, dataDir } = this.#output.options
    const { cwd, env, envFile, version, now, elapsed, random } = this.#runtime
    const logger: Logger = {
      info: (message) => void this.#output.detail(message),
      warn: (message) => void this.#output.warn(message),
      setLevel: (level) => this.#output.setLogLevel(level),
    }
    const { signal } = this.#interrupts
    const hide = (secrets: Iterable<string>) => this.#redactor.add(secrets)
    return {
      configDir,
      dataDir,
      cwd,
      env,
      envFile,
      version,
      clock: systemClock(now),
      elapsed,
      random,
      logger,
      hide,
      signal,
    }
  }

  #createOutput(options: GlobalOptions): Output {
    return new Output(options, this.#runtime, () => this.#interrupts.exitCode())
  }

  #sayStopping(name: SignalName): void {
    const again = name === 'SIGINT' ? '; Ctrl-C again quits at once' : ''
    void this.#output.note(`stopping, what is done is kept${again}`)
  }

  /** Tells the user why it failed, in both forms asked for, and returns the exit code. */
  async fail(thrown: unknown): Promise<number> {
    const error = this.#runtime.tampering?.() ?? thrown
    await this.#learnSecrets(this.#output.options.configDir)
    const interrupted = this.#interrupts.exitCode()
    const view =
      interrupted === undefined
        ? describeFailure(error, this.#runtime, this.#argv)
        : { code: 'INTERRUPTED', message: interruptionText(error), exitCode: interrupted }
    const { json, verbose } = this.#output.options
    const stack = verbose && !(error instanceof CommanderError) ? stackOf(error).split('\n') : []
    await this.#output.error([...failureLines(view, this.#output.messageStyle), ...stack])
    // A stdout that took nothing before takes no document now; stderr has said it.
    if (json) await this.#writeError(view).catch(() => {})
    return view.exitCode
  }

  async #writeError(view: ErrorView): Promise<void> {
    const { errorText } = await import('../report/envelope.ts')
    await this.#runtime.stdout.write(errorText(view))
  }

  dispose(): void {
    this.#interrupts.dispose()
  }
}

/** What was stopped says best how far it came; any other failure after a signal is a consequence of it. */
function interruptionText(error: unknown): string {
  const isTold = error instanceof PlatformError && error.code === 'INTERRUPTED'
  return isTold ? error.message : 'Interrupted before there was a result.'
}

/** `help backtest run` means `backtest run --help`; commander itself looks only one level deep. */
function withHelpOption(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
}

/** Options as far as they matter before the line is parsed, or when it cannot be. */
function guessOptions(argv: readonly string[]): GlobalOptions {
  const end = argv.indexOf('--')
  const all = end === -1 ? argv : argv.slice(0, end)
  const words = new Set(all)
  const dir = all.findLast(
    (word, i) => word.startsWith('--config-dir=') || all[i - 1] === '--config-dir',
  )
  return {
    configDir: dir?.replace(/^--config-dir=/, '') ?? DEFAULT_CONFIG_DIR,
    json: words.has('--json'),
    quiet: words.has('--quiet'),
    verbose: words.has('--verbose'),
    color: !words.has('--no-color'),
  }
}

/** Keeps commander from writing anywhere: help is collected, errors arrive as exceptions. */
function collectingText(output: Output, collect: (text: string) => void): OutputConfiguration {
  return {
    writeOut: collect,
    writeErr: collect,
    outputError: () => {},
    getOutHelpWidth: () => output.style.width,
    getErrHelpWidth: () => output.messageStyle.width,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  }
}
