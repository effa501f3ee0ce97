/** A text that repeats a secret, and the part of it that must not be readable. */
export interface Written {
  readonly how: string
  readonly text: string
  readonly part: string
}

const bytes = (text: string) => Buffer.from(text, 'utf8')
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

const WAYS: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'in a URL': encodeURIComponent,
  'between quotes': escaped,
  'in JSON': (secret) => escaped(secret).replaceAll('"', '\\"'),
}

/** Base64 of `user:secret!`, whose characters in the middle hold bits of the secret alone. */
const AROUND = ['', 'u', 'us', 'usr', 'user:'].flatMap((before) =>
  ['', '!', '!!'].map((after) => ({ before, after })),
)

/**
 * Returns texts that repeat a secret of eight characters or more. They are worked out here, so that what the product does not
 * think of is missed.
 */
export function writtenSecrets(secret: string): readonly Written[] {
  const whole = Object.entries(WAYS).map(([how, write]) => ({
    how,
    text: write(secret),
    part: write(secret),
  }))
  return [...whole, ...AROUND.map((around) => inBase64(secret, around))]
}

function inBase64(secret: string, { before, after }: (typeof AROUND)[number]): Written {
  const text = bytes(before + secret + after).toString('base64')
  // Three bytes are four characters: the groups that are the secret's alone.
  const from = Math.ceil(before.length / 3) * 4
  const to = Math.floor((before.length + bytes(secret).length) / 3) * 4
  return { how: `base64 of ${before}…${after}`, text, part: text.slice(from, to) }
}
