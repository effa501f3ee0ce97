import { isScalar, type Node, visit } from 'yaml'
import { invariant } from '../core/errors.ts'
import type { EnvFile } from './env-file.ts'
import type { Finding, Hint, Place, Severity } from './problems.ts'
import type { SchemaView, VariantKey } from './schema-view.ts'
import { LITERAL_SECRET_MIN } from './secret-free.ts'
import { type Environment, hasReference } from './substitute.ts'

/** Where an effective value came from. */
export type Origin =
  | { readonly kind: 'file'; readonly place: Place }
  | {
      readonly kind: 'environment'
      /** `NAME`, or `.env:3 NAME` where only that file gave it. */
      readonly variables: readonly string[]
      readonly place: Place
    }
  | { readonly kind: 'default' }

export interface ReadOptions {
  readonly env: Environment
  readonly envFile?: EnvFile | undefined
  /** Schema of what is registered under a name: parameters of a strategy type, options of an adapter; undefined for an unknown one. */
  readonly findVariant: (by: VariantKey, name: unknown) => SchemaView | undefined
  /** File that a top-level key belongs in. */
  readonly homes: ReadonlyMap<string, string>
}

/** What reading learns besides the values. Paths are dotted: `settings.database.port`, `sweeps.grid.params.fast`. */
export class ReadState {
  readonly env: Environment
  readonly #envFile: EnvFile | undefined
  readonly findVariant: ReadOptions['findVariant']
  readonly homes: ReadOptions['homes']
  readonly findings: Finding[] = []
  readonly origins = new Map<string, Origin>()
  /** Place of every value that the files contain, valid or not. */
  readonly places = new Map<string, Place>()
  /** Place of every key. */
  readonly keyPlaces = new Map<string, Place>()
  /** Values that must not be printed anywhere. */
  readonly secrets = new Set<string>()
  /** Values that a frame may show, and those that it must not; see masks.ts. */
  readonly shown = new Set<Node>()
  readonly hidden = new Set<Node>()
  #entry: string | undefined

  constructor(options: ReadOptions) {
    this.env = options.env
    this.#envFile = options.envFile
    this.findVariant = options.findVariant
    this.homes = options.homes
  }

  report(severity: Severity, code: string, place: Place, message: string, hint?: Hint): void {
    const base = { ...place, severity, code, message, entry: this.#entry }
    this.findings.push(hint === undefined ? base : { ...base, hint })
  }

  error(code: string, place: Place, message: string, hint?: Hint): void {
    this.report('error', code, place, message, hint)
  }

  /** Reads or checks the entry at `path`, such as `strategies.rsi`: what is found meanwhile belongs to it. */
  within<T>(path: string, work: () => T): T {
    const outer = this.#entry
    if (path.includes('.')) this.#entry ??= path
    try {
      return work()
    } finally {
      this.#entry = outer
    }
  }

  /** Hides a value from frames, and its texts wherever they occur if they are `secret`. */
  hide(node: Node | undefined, { secret }: { readonly secret: boolean }): void {
    if (node === undefined) return
    this.hidden.add(node)
    if (!secret) return
    const add = (value: unknown) => {
      const text = String(value)
      if (hasReference(text)) this.addReferenced(text)
      else if (text.length >= LITERAL_SECRET_MIN) this.secrets.add(text)
    }
    if (isScalar(node)) add(node.value)
    else visit(node, { Scalar: (role, { value }) => (role === 'key' ? undefined : add(value)) })
  }

  /** Returns a variable as an origin names it. */
  variable(name: string): string {
    const line = this.#envFile?.values.get(name)?.line
    return line === undefined ? name : `${this.#envFile?.file}:${line} ${name}`
  }

  /** The same for all texts of a node. */
  addReferencedIn(node: Node): void {
    visit(node, {
      Scalar: (role, { value }) => (role === 'key' ? undefined : this.addReferenced(String(value))),
    })
  }

  /** Adds the values of all variables that a text names. */
  addReferenced(text: string): void {
    for (const [, name = ''] of text.matchAll(/\$\{([A-Za-z_]\w*)/g)) {
      const value = Object.hasOwn(this.env, name) ? this.env[name] : undefined
      if (value !== undefined && value !== '') this.secrets.add(value)
    }
  }

  has(path: string): boolean {
    return this.places.has(path)
  }

  /** Place of the value at `path`, else of the nearest enclosing value. Every file has a place for its top. */
  placeOf(path: string): Place {
    const place = this.places.get(path)
    if (place !== undefined) return place
    invariant(path.includes('.'), `the top of '${path}' has a place`)
    return this.placeOf(path.slice(0, path.lastIndexOf('.')))
  }
}

/** Drops the name of the file from a path: what a message calls it. */
export function labelOf(path: string): string {
  return path.startsWith('settings.') ? path.slice('settings.'.length) : path
}
