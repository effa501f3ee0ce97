/** Who has to act decides the class; the exit code follows from the class (DESIGN: command line). */
export type ErrorContext = Readonly<Record<string, unknown>>

export interface ErrorOptions {
  readonly context?: ErrorContext
  readonly cause?: unknown
}

/** An operating error: something outside the program is wrong and the message says what to do about it. */
export class PlatformError extends Error {
  /** Stable upper-case literal that scripts may match, such as `CONFIG_UNKNOWN_KEY`. */
  readonly code: string
  readonly context: ErrorContext
  /** Process exit code of a command that ends with this error. */
  readonly exitCode: number = 1

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.context = options.context ?? {}
  }
}

/** The user's configuration or command line is wrong. */
export class ConfigError extends PlatformError {
  override readonly exitCode = 2
}

/** Market data is missing, damaged or does not cover what was asked. */
export class DataError extends PlatformError {
  override readonly exitCode = 3
}

/**
 * Stored data that the system does not let us read: permission, a failing disk, a lost mount. Not a `DataError`, whose data are known to
 * be missing or damaged: these may be sound, and nothing may be set aside, deleted or fetched again because of it.
 */
export class DataAccessError extends PlatformError {
  override readonly exitCode = 3
}

/** A network or a database is not reachable; a retry may help. */
export class ConnectivityError extends PlatformError {
  override readonly exitCode = 5
}

/** A venue understood the request and refused it; the same request would be refused again. */
export class VenueRejection extends PlatformError {
  override readonly exitCode = 1
}

/** A safety rule refused the action. */
export class RiskRefusal extends PlatformError {
  override readonly exitCode = 6
}

/** Throws when a promise that the code makes to itself does not hold. The message states the positive rule. */
export function invariant(condition: unknown, rule: string): asserts condition {
  if (!condition) throw new Error(`Invariant: ${rule}`)
}
