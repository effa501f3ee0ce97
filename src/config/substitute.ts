// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
/** Environment variables by name; handed in, never read from the process here. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Substitution {
  readonly text: string
  /** The text was one single `${...}` and nothing else. */
  readonly isWhole: boolean
  /** Variables whose value came from the environment. */
  readonly used: readonly string[]
  /** Variables without a value and without a default; the text is not usable if there is one. */
  readonly unset: readonly string[]
  /** A default stands in the text, used or not. */
  readonly hasDefault: boolean
  /** What is wrong with the notation, if anything. */
  readonly fault: string | undefined
}

const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}|\$\{/g
const WHOLE = /^\$\{[A-Za-z_][A-Za-z0-9_]*(?::[^}]*)?\}$/

/**
 * Replaces `${NAME}` and `${NAME:default}`. A variable that is empty counts as unset, as in a shell's `${NAME:-default}`.
 * `$${` stands for a literal `${`.
 *
 * @example substitute('${DB_HOST:localhost}', {}).text // 'localhost'
 */
export function substitute(raw: string, env: Environment): Substitution {
  const used: string[] = []
  const unset: string[] = []
  let hasDefault = false
  let fault: string | undefined
  const text = raw.replace(REFERENCE, (match, name?: string, fallback?: string) => {
    if (match === '$${') return '${'
    if (name === undefined) {
      fault = 'a reference reads ${NAME} or ${NAME:default}; write $${ for a literal ${'
      return match
    }
    hasDefault ||= fallback !== undefined
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value !== undefined && value !== '') {
      used.push(name)
      return value
    }
    if (fallback === undefined) unset.push(name)
    return fallback ?? ''
  })
  return { text, isWhole: WHOLE.test(raw), used, unset, hasDefault, fault }
}

export function hasReference(raw: string): boolean {
  return raw.includes('${')
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** Reads text as a number or boolean where it is exactly one; other text, also `''` and `' 5'`, stays text. */
export function strictScalar(text: string): string | number | boolean {
  if (text === 'true') return true
  if (text === 'false') return false
  return NUMBER.test(text) ? Number(text) : text
}
