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

/** One after the other: `$${` and `$$NAME`, `${…}` up to its brace, `$NAME`. The lookbehind keeps the `$` of a run of them as text. */
const REFERENCE = /\$\$\{|\$\{([^{}]*)(\}|\{|$)|(?<!\$)(\$?)\$([A-Za-z_][A-Za-z0-9_]*)/g
const NAME_FIRST = /^([A-Za-z_][A-Za-z0-9_]*)(?:$|:(-?)([\s\S]*))$/

/**
 * Replaces `${NAME}`, `${NAME:default}` and the shell's `${NAME:-default}`, which are the same: a variable that is empty counts as
 * unset. `$${` stands for a literal `${`, `$$NAME` for a literal `$NAME`. A form of the shell that means something else is a fault.
 *
 * @example substitute('${DB_HOST:localhost}', {}).text // 'localhost'
 */
export function substitute(raw: string, env: Environment): Substitution {
  const used: string[] = []
  const unset: string[] = []
  let hasDefault = false
  let fault: string | undefined
  const whole = raw.trim()
  const resolved = (inside: string, close: string): string => {
    const [, name, minus, fallback] = NAME_FIRST.exec(inside) ?? []
    const isShell = name !== undefined && minus === '' && SHELL_DEFAULT.test(fallback ?? '')
    if (close !== '}' || name === undefined || isShell || holdsReference(fallback)) {
      fault ??= faultOf(inside, close)
      return ''
    }
    hasDefault ||= fallback !== undefined
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value !== undefined && value !== '') {
      used.push(name)
      return value
    }
    if (fallback === undefined) unset.push(name)
    return fallback ?? ''
  }
  const text = raw.replace(REFERENCE, (match, inside, close, doubled, name, at: number) => {
    if (match === '$${') return '${'
    if (inside !== undefined) return resolved(inside, close)
    const isWhole = whole.length === match.length
    if (!isBareReference(raw[at - 1] ?? '', name, isWhole)) return match
    if (doubled !== '') return `$${name}`
    fault ??= `'$${name}' is not replaced here; write \${${name}}, or $$${name} for a literal $`
    return match
  })
  return { text, isWhole: WHOLE.test(raw), used, unset, hasDefault, fault }
}

const WHOLE = /^\$\{[A-Za-z_][A-Za-z0-9_]*(?::[^{}]*)?\}$/

/** `${NAME:?text}`, `:+` and `:=` of a shell, and its stretch of a value `${NAME:0:5}`. */
const SHELL_DEFAULT = /^(?:[?+=]| -\d+$| ?-?\d+:-?\d+$)/

function holdsReference(fallback = ''): boolean {
  const names = [...fallback.matchAll(/\${1,2}([A-Za-z_]\w*)/g)]
  return names.some(({ index, 0: match, 1: name = '' }) =>
    isBareReference(fallback[index - 1] ?? '', name, match === fallback),
  )
}

/**
 * Whether `$NAME` is meant for a variable. What is none stays text: a price (`$5`), a regular expression (`[$_A-Z]+$`), a folder
 * of Windows (`C:\$Recycle.Bin`), a word with a `$` in it (`pa$$word`, `Tr4de$Bot`).
 */
function isBareReference(before: string, name: string, isWhole: boolean): boolean {
  if (isWhole) return true
  if (name.length < 2 || /[\\[]/.test(before)) return false
  if (/^[A-Z0-9_]+$/.test(name)) return true
  return /^[a-z0-9_]+$/.test(name) && !/\w/.test(before)
}

const REMEDIES: Readonly<Record<string, (name: string) => string>> = {
  '?': (name) => `write \${${name}}: without a value it is an error anyway`,
  '+': (name) => `nothing here depends on whether a variable is set; write \${${name}:default}`,
  '=': (name) => `nothing is assigned here; write \${${name}:default}`,
  '-': (name) => `write \${${name}:-default}: an empty variable counts as unset`,
}

/** Says what to write instead. Quotes no more than the name: a default may be a secret. */
function faultOf(inside: string, close: string): string {
  const [, name, colon = '', sign = ''] = /^([A-Za-z_]\w*)(:?)([^\w\s:]?)/.exec(inside) ?? []
  if (name === undefined) {
    return 'a reference reads ${NAME} or ${NAME:default}; write $${ for a literal ${'
  }
  if (close === '{') return `\${${name}…}: a reference holds no other one and no brace`
  if (close === '') return `\${${name}… has no closing brace; write $\${ for a literal \${`
  if (holdsReference(inside)) {
    return `\${${name}…}: a default holds no other reference; write the value itself`
  }
  const remedy = REMEDIES[sign]?.(name) ?? `write \${${name}} or \${${name}:default}`
  const literal = colon === ':' ? `, or \${${name}:-…} for a default that begins so` : ''
  return `\${${name}${colon}${sign}…} is a form of the shell that is not known here: ${remedy}${literal}`
}

export function hasReference(raw: string): boolean {
  return raw.includes('${')
}

/** A first look: a text without it stays as it is. */
export function hasDollar(raw: string): boolean {
  return raw.includes('$')
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** Reads text as a number or boolean where it is exactly one; other text, also `''` and `' 5'`, stays text. */
export function strictScalar(text: string): string | number | boolean {
  if (text === 'true') return true
  if (text === 'false') return false
  return NUMBER.test(text) ? Number(text) : text
}
