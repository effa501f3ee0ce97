const REDACTED = '***'

/**
 * A secret this long, or one that is more than a plain word or number, is masked wherever it stands. A short word such as
 * the password `crypto` would take the program's own name with it, and `1000` every equity: those are masked only where a
 * secret is expected, such as behind `password=`.
 */
const ANYWHERE_MIN = 12
const SHORT_MIN = 8
const PLAIN = /^(?:[a-z]+|[A-Z]+|\d+)$/

/** What is a secret by its place, whatever its value. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/\b(signature|listenKey|api_?key|api_?secret|passphrase)=[^&\s"'\\]+/gi, `$1=${REDACTED}`],
  [/\b(X-MBX-APIKEY["']?\s*[:=]\s*["']?)[\w-]+/gi, `$1${REDACTED}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*):[^\s/@"']+@/gi, `$1:${REDACTED}@`],
]

/** Masks secrets by their value in everything that leaves the process. Secrets become known as they are read. */
export class Redactor {
  #anywhere: readonly string[] = []
  #places: readonly RegExp[] = []
  readonly #known = new Set<string>()

  /** Adds values that must not be shown from now on. */
  add(secrets: Iterable<string>): void {
    for (const secret of secrets) if (secret !== '') this.#known.add(secret)
    const known = [...this.#known]
    this.#anywhere = known
      .filter(isTelling)
      .flatMap(formsOf)
      .sort((a, b) => b.length - a.length)
    this.#places = known
      .filter((secret) => !isTelling(secret))
      .map(
        (secret) =>
          new RegExp(
            `((?:passw(?:or)?d|pwd|secret|key|token)["']?\\s*[:=]\\s*["']?)${escapePattern(secret)}(?!\\w)`,
            'gi',
          ),
      )
  }

  redact(text: string): string {
    let masked = text
    for (const secret of this.#anywhere) masked = masked.replaceAll(secret, REDACTED)
    for (const place of this.#places) masked = masked.replace(place, `$1${REDACTED}`)
    for (const [place, replacement] of PLACES) masked = masked.replace(place, replacement)
    return masked
  }
}

function isTelling(secret: string): boolean {
  return secret.length >= ANYWHERE_MIN || (secret.length >= SHORT_MIN && !PLAIN.test(secret))
}

/** A secret as it may be written: plain, in a URL, in JSON, in base64. */
function formsOf(secret: string): readonly string[] {
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ]
  return [...new Set(forms)]
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
