import { formatPlace } from './problems.ts'
import { redactSecrets } from './secret.ts'
import type { Origin } from './state.ts'

/** Where each value of a configuration came from, and what must not be printed. */
export class Provenance {
  readonly #origins: ReadonlyMap<string, Origin>
  readonly #secrets: readonly string[]

  constructor(origins: ReadonlyMap<string, Origin>, secrets: Iterable<string>) {
    this.#origins = origins
    this.#secrets = [...secrets].sort((a, b) => b.length - a.length)
  }

  /** Origin of the value at a dotted path such as `settings.database.port`. */
  find(path: string): Origin | undefined {
    return this.#origins.get(path)
  }

  /** Replaces every secret value in `text` by `***`. */
  redact(text: string): string {
    return redactSecrets(text, this.#secrets)
  }
}

/** Says where a value came from: `config/settings.yaml:3:9`, `environment DB_HOST`, `.env:3 DB_HOST` or `default`. */
export function describeOrigin(origin: Origin | undefined): string {
  switch (origin?.kind) {
    case 'file':
      return formatPlace(origin.place)
    case 'environment':
      return origin.variables
        .map((name) => (name.includes(' ') ? name : `environment ${name}`))
        .join(', ')
    default:
      return 'default'
  }
}
