/** Keeps the few largest of many, the earlier first among equals; what it is shown is never held. */
export class Largest<T> {
  readonly #size: (item: T) => number
  readonly #max: number
  readonly #items: T[] = []

  constructor(max: number, size: (item: T) => number) {
    this.#max = max
    this.#size = size
  }

  add(item: T): void {
    const size = this.#size(item)
    const at = this.#items.findIndex((other) => this.#size(other) < size)
    if (at === -1) this.#items.push(item)
    else this.#items.splice(at, 0, item)
    if (this.#items.length > this.#max) this.#items.pop()
  }

  list(): readonly T[] {
    return this.#items
  }
}
