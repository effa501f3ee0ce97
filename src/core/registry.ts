import { ConfigError } from './errors.ts'
import { didYouMean } from './suggest.ts'

/** What every registrable definition carries. */
export interface Registrable {
  readonly name: string
  readonly description: string
  /** Version of the plugin interface that a plugin's definition was written for; left out, the current one. */
  readonly apiVersion?: number
}

/**
 * A named set of definitions of one kind: strategies, indicators or exchanges.
 * Built-ins and plugins enter through the same `register`.
 */
export class Registry<T extends Registrable> {
  readonly #kind: string
  readonly #entries = new Map<string, { readonly definition: T; readonly source: string }>()

  /** @param kind singular noun for messages, such as `strategy` */
  constructor(kind: string) {
    this.#kind = kind
  }

  /**
   * Adds a definition under its own name.
   * @param source where it came from: `built-in` or a file path
   * @throws ConfigError `DUPLICATE_NAME` when the name is taken
   */
  register(definition: T, source = 'built-in'): void {
    const taken = this.#entries.get(definition.name)
    if (taken !== undefined) {
      throw new ConfigError(
        'DUPLICATE_NAME',
        `${this.#kind} '${definition.name}' of ${source} is already registered by ${taken.source}. Give one of them another name.`,
        { context: { kind: this.#kind, name: definition.name, source, taken: taken.source } },
      )
    }
    this.#entries.set(definition.name, { definition, source })
  }

  find(name: string): T | undefined {
    return this.#entries.get(name)?.definition
  }

  /** @throws ConfigError `UNKNOWN_NAME` with the nearest known name */
  get(name: string): T {
    const entry = this.#entries.get(name)
    if (entry === undefined) {
      throw new ConfigError(
        'UNKNOWN_NAME',
        `${this.#kind} '${name}' not found.${didYouMean(name, this.#entries.keys())} Known: ${[...this.#entries.keys()].sort().join(', ') || 'none'}.`,
        { context: { kind: this.#kind, name } },
      )
    }
    return entry.definition
  }

  /** Builds an instance: looks `name` up and hands its definition to `build`. */
  create<R>(name: string, build: (definition: T) => R): R {
    return build(this.get(name))
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  /** Where a registered definition came from. */
  sourceOf(name: string): string | undefined {
    return this.#entries.get(name)?.source
  }

  /** All definitions, sorted by name. */
  list(): readonly T[] {
    return [...this.#entries.values()]
      .map((entry) => entry.definition)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  names(): readonly string[] {
    return this.list().map((definition) => definition.name)
  }
}
