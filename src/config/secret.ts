import { ConfigError } from '../core/errors.ts'
import { maskValues, REDACTED } from '../core/redact.ts'

/** Shorter secrets are masked only where they are a whole value: they occur in other words by chance. */
const PARTIAL_MATCH_MIN = 6

/** True for a secret that is masked inside other text too. */
export function isLongSecret(secret: string): boolean {
  return secret.length >= PARTIAL_MATCH_MIN
}

export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some((one) => text === one || (isLongSecret(one) && text.includes(one)))
}

/**
 * Masks what the files and their messages repeat: more than what leaves the process has to (core/redact.ts).
 * @param secrets the longest first
 */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  if (!holdsSecret(text, secrets)) return text
  return secrets.includes(text) ? REDACTED : maskValues(text, secrets.filter(isLongSecret))
}

/**
 * A value that must not be printed. It shows itself as `***` to JSON, string conversion and inspection;
 * only `reveal` gives it away. It may lack its value: that is an error only for who needs it.
 */
export class Secret {
  readonly #value: string | undefined
  readonly #variable: string | undefined
  readonly #where: string

  private constructor(value: string | undefined, variable: string | undefined, where: string) {
    this.#value = value
    this.#variable = variable
    this.#where = where
    Object.freeze(this)
  }

  static of(value: string, where: string): Secret {
    return new Secret(value, undefined, where)
  }

  /** A secret whose environment variable is unset or empty. `where` is file:line:col. */
  static unresolved(variable: string, where: string): Secret {
    return new Secret(undefined, variable, where)
  }

  get isResolved(): boolean {
    return this.#value !== undefined
  }

  /** @throws ConfigError `CONFIG_SECRET_UNSET` naming the variable and where the file asks for it */
  reveal(): string {
    if (this.#value !== undefined) return this.#value
    throw new ConfigError(
      'CONFIG_SECRET_UNSET',
      `${this.#where}  environment variable ${this.#variable} is not set, and this secret is needed now. ` +
        `Set it for the command: ${this.#variable}=... bun run crypto ...`,
      { context: { variable: this.#variable, where: this.#where } },
    )
  }

  toJSON(): string {
    return REDACTED
  }

  toString(): string {
    return REDACTED
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Secret(${REDACTED})`
  }
}
