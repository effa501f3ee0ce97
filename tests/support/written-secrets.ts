import { inspect } from 'node:util'

/** A text that repeats a secret, and the part of it that must not be readable. */
export interface Written {
  readonly how: string
  readonly text: string
  readonly part: string
}

const url = encodeURIComponent
const smallCodes = (text: string) => text.replace(/%\w\w/g, (code) => code.toLowerCase())
const json = (text: string) => text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')
const bytes = (text: string) => Buffer.from(text, 'utf8')
/** What Bun itself shows of a text, whose quotes it chooses. */
const shown = (text: string) => inspect(text).slice(1, -1)
const strict = (text: string) =>
  url(text).replace(/[!'()*]/g, (sign) => `%${bytes(sign).toString('hex').toUpperCase()}`)

const WAYS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'URL component': url,
  'URL component, small codes': (secret) => smallCodes(url(secret)),
  'URL component by RFC 3986': strict,
  URL: (secret) => encodeURI(secret),
  form: (secret) =>
    strict(secret).replaceAll('%20', '+').replaceAll('%2A', '*').replaceAll('~', '%7E'),
  'URL in a URL': (secret) => url(url(secret)),
  'URL in a URL, small codes': (secret) => url(smallCodes(url(secret))),
  JSON: json,
  'JSON with \\/': (secret) => json(secret).replaceAll('/', '\\/'),
  'JSON in JSON': (secret) => json(json(secret)),
  inspected: shown,
  'inspected, with \\/': (secret) => shown(secret).replaceAll('/', '\\/'),
  'JSON in a URL': (secret) => url(json(secret)),
  hexadecimal: (secret) => bytes(secret).toString('hex'),
  HEXADECIMAL: (secret) => bytes(secret).toString('hex').toUpperCase(),
  base64: (secret) => bytes(secret).toString('base64'),
  'base64 without =': (secret) => bytes(secret).toString('base64').replaceAll('=', ''),
  'base64 for URLs': (secret) => bytes(secret).toString('base64url'),
  'base64 for URLs with =': (secret) =>
    bytes(secret).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  'base64 in JSON with \\/': (secret) => bytes(secret).toString('base64').replaceAll('/', '\\/'),
  'base64 in a URL': (secret) => url(bytes(secret).toString('base64')),
  'base64 in a URL, small codes': (secret) => smallCodes(url(bytes(secret).toString('base64'))),
  'base64 in a URL in a URL': (secret) => url(url(bytes(secret).toString('base64'))),
}

/** Whoever changes the case of a letter leaves a long secret as readable as it was. */
const LONG_WAYS: typeof WAYS = {
  UPPER: (secret) => secret.toUpperCase(),
  lower: (secret) => secret.toLowerCase(),
  'UPPER IN A URL': (secret) => url(secret).toUpperCase(),
  'lower in a URL in a URL': (secret) => url(url(secret)).toLowerCase(),
}

/** Base64 of `user:secret!`, whose characters in the middle hold bits of the secret alone. */
const AROUND = ['', 'u', 'us', 'usr', 'user:'].flatMap((before) =>
  ['', '!', '!!'].map((after) => ({ before, after })),
)

const PACKED: Readonly<Record<string, (base64: string) => string>> = {
  base64: (text) => text,
  'base64 for URLs': (text) => text.replaceAll('+', '-').replaceAll('/', '_'),
  'base64 in a URL': url,
  'base64 in a URL in a URL': (text) => url(url(text)),
}

/**
 * Returns texts that repeat a secret of eight characters or more. They are worked out here, so that what the product does not
 * think of is missed.
 */
export function writtenSecrets(secret: string): readonly Written[] {
  const ways = Object.entries({ ...WAYS, ...(secret.length >= 16 ? LONG_WAYS : {}) })
  const whole = ways.map(([how, write]) => ({ how, text: write(secret), part: write(secret) }))
  return [...whole, ...AROUND.flatMap((around) => packed(secret, around))]
}

function packed(secret: string, { before, after }: (typeof AROUND)[number]): readonly Written[] {
  const base64 = bytes(before + secret + after).toString('base64')
  const length = bytes(secret).length
  // Three bytes are four characters: the groups that are the secret's alone.
  const from = Math.ceil(before.length / 3) * 4
  const to = Math.floor((before.length + length) / 3) * 4
  return Object.entries(PACKED).map(([how, pack]) => ({
    how: `${how} of ${before}…${after}`,
    text: pack(base64),
    part: pack(base64.slice(from, to)),
  }))
}
