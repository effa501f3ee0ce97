export const REDACTED = '***'

export function longestFirst(values: Iterable<string>): readonly string[] {
  return [...values].sort((a, b) => b.length - a.length)
}

/**
 * Returns the text with every occurrence of the values masked.
 * @param values the longest first, so that one inside of another leaves no rest of it
 */
export function maskValues(text: string, values: readonly string[]): string {
  return values.reduce((masked, value) => masked.replaceAll(value, REDACTED), text)
}

/**
 * True for what is masked wherever it stands: sixteen characters, or eight of more than one kind. Anything else is masked only
 * where a secret is expected, such as behind `password=`: the password `crypto` would take the name of the program with it,
 * `1000` an equity, and a result must not be altered.
 */
function isDistinct(secret: string): boolean {
  if (/^[\d.,:+-]+(?:e[+-]?\d+)?$/i.test(secret)) return false
  return secret.length >= 16 || (secret.length >= 8 && !/^[a-z]+(?:[ ._/-][a-z]+)*$/i.test(secret))
}

const EXPECTED = '(?:passw(?:or)?d|passphrase|pwd|secret|key|token)["\']?\\s{0,9}[:=]\\s{0,9}["\']?'

/** signature=SECRET, listenKey: 'SECRET', "X-MBX-APIKEY":"SECRET", Authorization: Bearer SECRET. */
const PLACE =
  /(\b(?:signature|listenKey|X-MBX-APIKEY|Authorization)["']?\s{0,9}[:=]\s{0,9}["']?(?:Basic |Bearer )?)[^&\s"',;}]+/gi

/** Masks secrets by their value in everything that leaves the process. Secrets become known as they are read. */
export class Redactor {
  readonly #known = new Set<string>()
  /** What is looked for anywhere, the longest first. */
  #forms: readonly string[] = []
  #places: readonly RegExp[] = [PLACE]

  /** Adds values that must not be shown from now on. */
  add(secrets: Iterable<string>): void {
    const before = this.#known.size
    for (const secret of secrets) for (const part of partsOf(secret)) this.#known.add(part)
    if (this.#known.size === before) return
    const known = longestFirst(this.#known)
    this.#forms = longestFirst(new Set(known.filter(isDistinct).flatMap(formsOf)))
    const weak = known.filter((secret) => !isDistinct(secret)).map(escaped)
    const expected = new RegExp(`(${EXPECTED})(?:${weak.join('|')})(?!\\w)`, 'gi')
    this.#places = weak.length === 0 ? [PLACE] : [PLACE, expected]
  }

  redact(text: string): string {
    const masked = maskCredentials(maskValues(text, this.#forms))
    return this.#places.reduce((rest, place) => rest.replace(place, `$1${REDACTED}`), masked)
  }
}

/** A key of several lines may be one in a variable; its lines are printed one by one. */
function partsOf(secret: string): readonly string[] {
  if (secret.trim() === '') return []
  const lines = secret.split(/\r?\n|\\n/)
  return [secret, ...lines.filter((line) => line.length >= 16 && !line.startsWith('-----'))]
}

/** A secret as it may be written: plain, between quotes, in a URL, and in base64. */
function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const quoted = [json, json.replaceAll('\\"', '"')]
  const url = encodeURIComponent(secret.toWellFormed())
  return [secret, ...quoted, url, ...inBase64(Buffer.from(secret))]
}

/**
 * Three bytes make four characters, so that what a part of something longer, such as `user:password`, looks like depends on where
 * it begins. Characters at its edges that hold bits of its neighbours are left out.
 */
function inBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

const PARAMETER = /([?&][\w-]+=)[^&\s"'`]+/g
const SECRET_NAME = /pass|pwd|secret|token|key|signature/i

/** Masks passwords in URLs, and the secrets among their parameters. */
export function maskCredentials(text: string): string {
  const masked = text.includes('://') ? text.replace(WORD, maskPassword) : text
  return masked.replace(PARAMETER, (match, lead: string) =>
    SECRET_NAME.test(lead) ? `${lead}${REDACTED}` : match,
  )
}

function maskPassword(word: string): string {
  const found = findPassword(word)
  return found === undefined
    ? word
    : `${word.slice(0, found.start)}${REDACTED}${word.slice(found.end)}`
}

/** Returns the passwords in the addresses of a text, as they stand there and decoded. */
export function passwordsInUrls(text: string): readonly string[] {
  if (!text.includes('://')) return []
  return [...text.matchAll(WORD)].flatMap(([word]) => {
    const password = findPassword(word)
    if (password === undefined) return []
    const written = word.slice(password.start, password.end)
    return [written, decoded(written)]
  })
}

const WORD = /[^\s"'`]+/g

/** postgres://user:PASSWORD@host: from the colon behind the user to the last `@` of the word. */
function findPassword(word: string): { readonly start: number; readonly end: number } | undefined {
  const end = word.lastIndexOf('@')
  const found = end < 0 ? null : /[a-z]:\/\/[^/:@]*:/i.exec(word.slice(0, end))
  const start = found === null ? end : found.index + found[0].length
  return start < end ? { start, end } : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
