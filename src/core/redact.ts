import { showControls } from './foreign-text.ts'

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

function reachOf(secret: string): Reach {
  if (/^[\d.,:+-]+(?:e[+-]?\d+)?$/i.test(secret)) return secret.length >= 16 ? 'word' : 'place'
  if (secret.length >= 16) return 'anywhere'
  if (secret.length < 6 || /^[a-z]+(?:[ ._/-][a-z]+)*$/i.test(secret)) return 'place'
  return secret.length >= 8 ? 'anywhere' : 'word'
}

/** Where a text has a secret by its place, whatever its value. Each takes time in proportion to the text. */
const PLACES: readonly RegExp[] = [
  // signature=SECRET, listenKey: 'SECRET', "X-MBX-APIKEY":"SECRET", Authorization: Bearer SECRET
  /(\b(?:signature|listenKey|X-MBX-APIKEY)["']?\s{0,9}[:=]\s{0,9}["']?)[^&\s"',;}]+/gi,
  /(\bAuthorization["']?\s{0,9}[:=]\s{0,9}["']?)(?:\w{1,99}\s{1,9})?[^\s"',;}]+/gi,
]
const PARAMETER = /([?&][\w-]+=)[^&\s"'`]+/g
const SECRET_NAME = /pass|pwd|secret|token|key|signature/i
const EXPECTED = '(?:passw(?:or)?d|passphrase|pwd|secret|key|token)'

/** Masks secrets by their value in everything that leaves the process. Secrets become known as they are read. */
export class Redactor {
  readonly #known = new Set<string>()
  /** What is looked for anywhere, in small letters. */
  #forms: readonly string[] = []
  #patterns: readonly RegExp[] = []

  /** Adds values that must not be shown from now on. */
  add(secrets: Iterable<string>): void {
    const before = this.#known.size
    for (const secret of secrets) for (const part of partsOf(secret)) this.#known.add(part)
    if (this.#known.size === before) return
    const known = [...this.#known].map((secret) => ({ secret, reach: reachOf(secret) }))
    const anywhere = known.filter(({ reach }) => reach === 'anywhere').map(({ secret }) => secret)
    this.#forms = [...new Set(anywhere.flatMap(formsOf).map(lowered))]
    this.#patterns = [
      // A line may be broken where a secret has blanks.
      ...anywhere.filter((secret) => /\s/.test(secret)).map((secret) => looseBlanks(secret)),
      ...known.flatMap(({ secret, reach }) => patternsOf(secret, reach)),
    ]
  }

  redact(text: string): string {
    let masked = maskForms(text, this.#forms)
    for (const pattern of this.#patterns) masked = masked.replace(pattern, `$1${REDACTED}`)
    return maskPlaces(masked)
  }
}

/** Masks the forms wherever they stand, in any case of their letters; forms that overlap are one mask. */
function maskForms(text: string, forms: readonly string[]): string {
  const searched = lowered(text)
  const spans: (readonly [start: number, end: number])[] = []
  for (const form of forms) {
    for (let at = searched.indexOf(form); at >= 0; at = searched.indexOf(form, at + form.length)) {
      spans.push([at, at + form.length])
    }
  }
  const parts: string[] = []
  let shownFrom = 0
  for (const [start, end] of spans.sort(([a], [b]) => a - b)) {
    if (start >= shownFrom) parts.push(text.slice(shownFrom, start), REDACTED)
    shownFrom = Math.max(shownFrom, end)
  }
  return `${parts.join('')}${text.slice(shownFrom)}`
}

/** In small letters, each where it was: of all characters only `İ` would become two. */
function lowered(text: string): string {
  return text.replaceAll('İ', 'i').toLowerCase()
}

function maskPlaces(text: string): string {
  let masked = text
  if (text.includes('://')) masked = masked.replace(/[^\s"'`]+/g, maskUrls)
  for (const place of PLACES) masked = masked.replace(place, `$1${REDACTED}`)
  return maskParameters(masked)
}

function maskParameters(text: string): string {
  return text.replace(PARAMETER, (match, lead: string) =>
    SECRET_NAME.test(lead) ? `${lead}${REDACTED}` : match,
  )
}

/** Masks who and with which password in URLs, and the secrets among their parameters. */
export function maskCredentials(text: string): string {
  const masked = text.replace(/[^\s"']+/g, (word) => {
    const start = word.indexOf('://') + 3
    const last = word.lastIndexOf('@')
    return start < 3 || last <= start
      ? word
      : `${word.slice(0, start)}${REDACTED}${word.slice(last)}`
  })
  return maskParameters(masked)
}

/** postgres://user:PASSWORD@host: from the colon behind the user to the last `@` of the word. */
function maskUrls(word: string): string {
  const last = word.lastIndexOf('@')
  const found = last < 0 ? null : /[a-z]:\/\/[^/:@]*:/i.exec(word.slice(0, last))
  if (found === null) return word
  const from = found.index + found[0].length
  return from < last ? `${word.slice(0, from)}${REDACTED}${word.slice(last)}` : word
}

/** A key of several lines may be one in a variable; its lines are printed one by one. */
function partsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n|\\n/)
  if (lines.length === 1) return secret.trim() === '' ? [] : [secret]
  return [secret.trim(), ...lines.filter((line) => line.length >= 16 && !line.startsWith('-----'))]
}

/** A secret as it may be written: plain, in quotes, in base64, in hexadecimal, and each of these in a URL. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const single = json.replaceAll('\\"', '"')
  // The last one is a document that quotes a document.
  const quoted = [json, single, single.replaceAll("'", "\\'"), JSON.stringify(json).slice(1, -1)]
  const forms = [secret, showControls(secret), ...quoted, bytes.toString('hex'), ...inBase64(bytes)]
  return forms.flatMap((form) => [form, form.replaceAll('/', '\\/'), ...inUrl(form)])
}

/** Also in a URL that is the parameter of another. */
function inUrl(text: string): readonly string[] {
  const component = encodeURIComponent(text.toWellFormed())
  const form = new URLSearchParams([['', text]]).toString().slice(1)
  const strict = component.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  const once = [
    component,
    form,
    strict,
    strict.replaceAll('%20', '+'),
    encodeURI(text.toWellFormed()),
  ]
  return [...once, ...once.map(encodeURIComponent)]
}

/**
 * Three bytes make four characters, so that what a part of something longer, such as `user:password`, looks like depends on where
 * it begins. Characters at its edges that hold bits of its neighbours are left out.
 */
function inBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const from = Math.ceil((offset * 8) / 6)
    const inside = text.slice(from, Math.floor(((offset + bytes.length) * 8) / 6))
    const whole = offset === 0 ? [text, text.replace(/=+$/, '')] : []
    return [...whole, inside].flatMap((form) => [
      form,
      form.replace(/\+/g, '-').replace(/\//g, '_'),
    ])
  })
}

function looseBlanks(secret: string): RegExp {
  return new RegExp(`()${escaped(secret.trim()).replace(/\s+/g, '\\s{1,99}')}`, 'gi')
}

function patternsOf(secret: string, reach: Reach): readonly RegExp[] {
  if (reach === 'word') return [new RegExp(`()(?<![\\w.])${escaped(secret)}(?!\\.?\\w)`, 'g')]
  if (reach === 'anywhere') return []
  const lead = `${EXPECTED}["']?\\s{0,9}[:=]\\s{0,9}["']?`
  return [new RegExp(`(${lead})${escaped(secret)}(?!\\w)`, 'gi')]
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Returns the passwords in the addresses of a text, as they stand there and decoded. */
export function passwordsInUrls(text: string): readonly string[] {
  return [...text.matchAll(/[^\s"'`]+/g)].flatMap(([word]) => {
    const last = word.lastIndexOf('@')
    const [, password] = /[a-z]:\/\/[^/:@]*:(.+)$/i.exec(word.slice(0, Math.max(0, last))) ?? []
    return password === undefined ? [] : [password, decoded(password)]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
