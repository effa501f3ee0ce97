import { formsOf } from './secret-forms.ts'

export const REDACTED = '***'

/** Returns the text with every occurrence of the values masked, that of a longer one as a whole. */
export function maskValues(text: string, values: Iterable<string>): string {
  return [...values]
    .filter((value) => value !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((masked, value) => masked.replaceAll(value, REDACTED), text)
}

/**
 * How far a secret is masked, by what else a text may mean by it:
 *
 * - `anywhere`: also inside of other words and in its encoded forms. Eight characters of more than one kind, or sixteen.
 * - `word`: where it stands by itself. Six or seven characters of more than one kind, or a number of sixteen digits.
 * - `place`: only where a secret is expected, such as behind `password=`. Words, numbers and what is shorter: the password
 *   `crypto` would take the name of the program with it, `1000` an equity, and a result must not be altered.
 */
type Reach = 'anywhere' | 'word' | 'place'

const NUMBER = /^[\d.,:+-]+(?:e[+-]?\d+)?$/i
const WORDS = /^[a-z]+(?:[ ._/-][a-z]+)*$/i

function reachOf(secret: string): Reach {
  if (NUMBER.test(secret)) return secret.length >= 16 ? 'word' : 'place'
  if (WORDS.test(secret)) return secret.length >= 16 ? 'anywhere' : 'place'
  if (secret.length >= 8) return 'anywhere'
  return secret.length >= 6 ? 'word' : 'place'
}

/** A part of a text that is a secret by its place, whatever its value. The first group stays. */
const PLACES: readonly RegExp[] = [
  // postgres://user:PASSWORD@host
  /([a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`]*:)[^\s"'`]+(?=@)/gi,
  // ?api_key=SECRET&signature=SECRET
  /([?&][\w-]*(?:pass|pwd|secret|token|key|signature)[\w-]*=)[^&\s"'`]+/gi,
  // signature=SECRET, listenKey: 'SECRET', "X-MBX-APIKEY":"SECRET", Authorization: Bearer SECRET
  /(\b(?:signature|listenKey|X-MBX-APIKEY)["']?\s*[:=]\s*["']?)[^&\s"',;}]+/gi,
  /(\bAuthorization["']?\s*[:=]\s*["']?)(?:\w+\s+)?[^\s"',;}]+/gi,
]

/** Words behind which a weak secret is masked. */
const EXPECTED = '(?:passw(?:or)?d|passphrase|pwd|secret|key|token)'

/** Masks secrets by their value in everything that leaves the process. Secrets become known as they are read. */
export class Redactor {
  readonly #known = new Set<string>()
  /** Forms of what is masked anywhere, the longest first. */
  #forms: readonly RegExp[] = []
  #patterns: readonly RegExp[] = []

  /** Adds values that must not be shown from now on. */
  add(secrets: Iterable<string>): void {
    const before = this.#known.size
    for (const secret of secrets) for (const part of partsOf(secret)) this.#known.add(part)
    if (this.#known.size === before) return
    const known = [...this.#known].map((secret) => ({ secret, reach: reachOf(secret) }))
    this.#forms = known
      .filter(({ reach }) => reach === 'anywhere')
      .flatMap(({ secret }) => searchesOf(secret))
      .sort((a, b) => b.form.length - a.form.length)
      .map(({ form, flags }) => new RegExp(blanksLoose(escaped(form)), flags))
    this.#patterns = known.flatMap(({ secret, reach }) => patternsOf(secret, reach))
  }

  redact(text: string): string {
    let masked = text
    for (const form of this.#forms) masked = masked.replace(form, REDACTED)
    for (const pattern of this.#patterns) masked = masked.replace(pattern, `$1${REDACTED}`)
    for (const place of PLACES) masked = masked.replace(place, `$1${REDACTED}`)
    return masked
  }
}

/** Lines of a key that are worth masking by themselves: texts are printed line by line. */
const LINE_MIN = 16

function partsOf(secret: string): readonly string[] {
  // A key of several lines may be one in a variable.
  const lines = secret.split(/\r?\n|\\n/)
  if (lines.length === 1) return secret.trim() === '' ? [] : [secret]
  const telling = lines.filter((line) => line.length >= LINE_MIN && !line.startsWith('-----'))
  return [secret.trim(), ...telling]
}

/** So long that no other text is the same but for the case of its letters. */
const ANY_CASE_MIN = 16

function searchesOf(secret: string): readonly { readonly form: string; readonly flags: string }[] {
  const forms = formsOf(secret)
  if (secret.length < ANY_CASE_MIN) return forms.map((form) => ({ form, flags: 'g' }))
  const different = new Map(forms.map((form) => [form.toLowerCase(), form]))
  return [...different.values()].map((form) => ({ form, flags: 'gi' }))
}

/** Lines are broken where they have blanks. */
function blanksLoose(pattern: string): string {
  return pattern.replace(/\s+/g, '\\s+')
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function patternsOf(secret: string, reach: Reach): readonly RegExp[] {
  if (reach === 'word') return [new RegExp(`()(?<![\\w.])${escaped(secret)}(?![\\w.]*\\w)`, 'g')]
  if (reach === 'place') {
    const lead = `${EXPECTED}["']?\\s*[:=]\\s*["']?`
    return [new RegExp(`(${lead})${escaped(secret)}(?!\\w)`, 'gi')]
  }
  return []
}

/** Returns the passwords in the addresses of a text, as they stand there and decoded. */
export function passwordsInUrls(text: string): readonly string[] {
  return [...text.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`]*:([^\s"'`]+)@/gi)].flatMap(
    ([, password = '']) => [password, decoded(password)],
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
