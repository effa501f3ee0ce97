/** A way in which storage loses what it was given. */
export interface Harm {
  readonly what: string
  readonly bytes: Uint8Array
}

const BLOCK_BYTES = 4_096

/** Returns what a file holds after a bit flipped (two times in three), its end was lost, or a block of 4 kB became zeros. */
export function harmed(sound: Uint8Array, random: () => number): Harm {
  const below = (limit: number) => random() % Math.max(1, limit)
  const kind = below(6)
  if (kind === 0) {
    const end = below(sound.length)
    return { what: `cut to ${end} of ${sound.length} bytes`, bytes: sound.slice(0, end) }
  }
  const bytes = new Uint8Array(sound)
  if (kind === 1) {
    const start = below(Math.ceil(sound.length / BLOCK_BYTES)) * BLOCK_BYTES
    return { what: `zeros from byte ${start}`, bytes: bytes.fill(0, start, start + BLOCK_BYTES) }
  }
  const [at, bit] = [below(sound.length), below(8)]
  bytes[at] = (bytes[at] as number) ^ (1 << bit)
  return { what: `bit ${bit} of byte ${at} flipped`, bytes }
}
