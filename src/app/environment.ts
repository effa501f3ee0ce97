import type { EnvFile } from '../config/env-file.ts'
import type { Clock } from '../core/clock.ts'

/** Severities of messages, least severe first, as `logging.level` names them. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface Logger {
  /** Shown with `--verbose` only. */
  info(message: string): void
  /** Always shown. */
  warn(message: string): void
  /** Sets the least severe message that the log file keeps. */
  setLevel(level: LogLevel): void
}

/** What the use cases need of the process that they run in. The command line makes it, and tests do. */
export interface Environment {
  readonly configDir: string
  /** Folder whose `lake` replaces the configured one. */
  readonly dataDir: string | undefined
  /** Where relative paths start. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly envFile?: EnvFile | undefined
  readonly version: string
  readonly logger: Logger
  /** Makes known what must not be shown anywhere. */
  readonly hide: (secrets: Iterable<string>) => void
  readonly clock: Clock
  /** Monotonic milliseconds. */
  readonly elapsed: () => number
  /** A number in [0, 1): for the spread of repetitions, never for a result. */
  readonly random: () => number
  /** Aborted by the first Ctrl-C: finish what is at hand, keep it, return. */
  readonly signal: AbortSignal
}
