import type { CountRange } from './axis-spec.ts'

const SIGNIFICANT_DIGITS = 12
const BISECTIONS = 200

/**
 * Returns `count` values from `from` to `to` with equal ratios between neighbours, `from` > 0.
 *
 * Only + − × ÷ are used: `Math.log` and `Math.pow` may differ in the last bit between engines, and the grid must be
 * the same on every machine. Inner values are rounded to 12 significant digits, which also makes them readable.
 */
export function logSpaced({ from, to, count }: CountRange): Float64Array {
  if (count === 1) return Float64Array.of(from)
  const ratio = root(to / from, count - 1)
  return Float64Array.from({ length: count }, (_, i) => {
    if (i === 0) return from
    if (i === count - 1) return to
    return Number((from * power(ratio, i)).toPrecision(SIGNIFICANT_DIGITS))
  })
}

/** Returns x ≥ 1 with x^degree = value for value ≥ 1, by bisection. */
function root(value: number, degree: number): number {
  let low = 1
  let high = value
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = low + (high - low) / 2
    if (middle <= low || middle >= high) break
    if (power(middle, degree) > value) high = middle
    else low = middle
  }
  return low
}

function power(base: number, exponent: number): number {
  let result = 1
  let square = base
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square
    square *= square
  }
  return result
}
