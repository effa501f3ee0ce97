/** A decimal number `digits × 10^-places`, exactly as its shortest text shows it. */
export interface Decimal {
  readonly digits: bigint
  readonly places: number
}

const TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/

/** Returns the decimal that a finite number's shortest text denotes: 0.1 is one tenth and not its binary neighbour. */
export function decimalOf(value: number): Decimal {
  const match = TEXT.exec(String(value))
  if (match === null)
    throw new Error(`Invariant: a decimal comes from a finite number, not ${value}`)
  const [, sign, whole, fraction = '', exponent = '0'] = match
  const digits = BigInt(`${sign}${whole}${fraction}`)
  const places = fraction.length - Number(exponent)
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 }
}

/** Returns the digits of a decimal when written with `places` places, which must be no fewer than its own. */
export function digitsAt(decimal: Decimal, places: number): bigint {
  return decimal.digits * 10n ** BigInt(places - decimal.places)
}

/** Returns the double nearest to `digits × 10^-places`. */
export function numberOf(digits: bigint, places: number): number {
  return Number(`${digits}e-${places}`)
}
