const TWO_32 = 4_294_967_296

/** Returns 32 bits that depend on every bit of the given integers: MurmurHash3 (x86, 32 bit) over their words. */
export function mix(parts: readonly number[]): number {
  let hash = 0
  for (const part of parts) {
    hash = withWord(hash, part >>> 0)
    hash = withWord(hash, Math.floor(part / TWO_32) >>> 0)
  }
  hash ^= parts.length * 8
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function withWord(hash: number, word: number): number {
  const scrambled = Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)
  return (Math.imul(rotated(hash ^ scrambled, 13), 5) + 0xe6546b64) | 0
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

/** Returns a text as one integer for `mix`: FNV-1a over its UTF-16 units. */
export function textKey(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Random choices that follow from integers alone, so that the same key always throws the same. */
export class Dice {
  readonly #key: readonly number[]
  #throws = 0

  constructor(key: readonly number[]) {
    this.#key = key
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.#bits() / TWO_32 < probability
  }

  /** Returns a whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor((this.#bits() / TWO_32) * (most - least + 1))
  }

  /** Returns one of the values. */
  pick<T>(values: readonly T[]): T {
    return values[this.between(0, values.length - 1)] as T
  }

  #bits(): number {
    return mix([...this.#key, this.#throws++])
  }
}
