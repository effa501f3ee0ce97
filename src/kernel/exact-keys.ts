import { invariant } from '../core/errors.ts'

/** Ids stay below this, so that two of them make one exact number. */
const IDS_MAX = 16_777_216

/**
 * A map whose keys are a code and two ids. Each code has a table of its own and two ids make one number below 2^48, so
 * that no two keys can meet, whatever the code.
 */
export class ExactKeys<V> {
  readonly #tables: (Map<number, V> | undefined)[] = []
  /** How many keys there are. */
  size = 0

  get(code: number, first: number, second: number): V | undefined {
    return this.#tables[code]?.get(first * IDS_MAX + second)
  }

  set(code: number, first: number, second: number, value: V): void {
    invariant(first < IDS_MAX && second < IDS_MAX, 'a block has fewer than 2^24 ids of a kind')
    const key = first * IDS_MAX + second
    const table = this.#tables[code]
    if (table === undefined) this.#tables[code] = new Map([[key, value]])
    else table.set(key, value)
    this.size++
  }
}

/** The ids of numbers in order of first use: -0 and 0 are two, since dividing by them differs, and NaN is one. */
export class ConstantIds {
  readonly values: number[] = []
  readonly #ids = new Map<number | '-0', number>()

  idOf(value: number): number {
    const key = value === 0 && 1 / value < 0 ? '-0' : value
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.values.length)
    return this.values.push(value) - 1
  }
}
