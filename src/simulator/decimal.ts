/** Decimals that Binance writes at least. */
const DECIMALS_MIN = 8
/** Decimals that a double can carry beside one digit in front of the point. */
const DECIMALS_MAX = 15

/** 1, 10, 100, ... exact in a double. */
const SCALES: readonly number[] = Array.from({ length: DECIMALS_MAX + 1 }, (_, power) =>
  Number(`1e${power}`),
)

/**
 * Returns a value as a plain decimal that reads back as the very same double, with eight decimals or as many more as
 * that takes.
 *
 * @example decimalText(27210.36) // '27210.36000000'
 */
export function decimalText(value: number): string {
  const shortest = String(value)
  const plain = shortest.includes('e') ? withoutExponent(shortest) : shortest
  const point = plain.indexOf('.')
  if (point === -1) return `${plain}.${'0'.repeat(DECIMALS_MIN)}`
  return plain.padEnd(point + 1 + DECIMALS_MIN, '0')
}

/** Writes `1.5e-9` as `0.0000000015`. */
function withoutExponent(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)(\d+)\.?(\d*)e([+-]\d+)$/.exec(text) ?? []
  const shift = Number(exponent)
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`
  return `${sign}${whole}${fraction.padEnd(shift, '0')}`
}

/** Returns the fewest decimals that write every value exactly, at most 15. */
export function decimalsOf(...columns: readonly Float64Array[]): number {
  let decimals = 0
  for (const column of columns) {
    for (const value of column) {
      while (decimals < DECIMALS_MAX && roundTo(value, decimals) !== value) decimals++
    }
  }
  return decimals
}

/** Rounds half up at a number of decimals from 0 to 15. */
export function roundTo(value: number, decimals: number): number {
  const scale = SCALES[decimals] as number
  return Math.round(value * scale) / scale
}

/** Rounds towards zero at a number of decimals; `value` is not negative. */
export function floorTo(value: number, decimals: number): number {
  const scale = SCALES[decimals] as number
  return Math.floor(value * scale) / scale
}

/** Returns the step of a number of decimals as text, such as `0.01000000`. */
export function stepText(decimals: number): string {
  return decimalText(1 / (SCALES[decimals] as number))
}
