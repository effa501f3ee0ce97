import { ConfigError } from '../../core/errors.ts'
import type { AxisInput, AxisSpec, CountRange, StepRange } from './axis-spec.ts'
import { decimalOf, digitsAt, numberOf } from './decimal.ts'
import { logSpaced } from './log-space.ts'

/** One parameter and its distinct values in canonical order. */
export interface Axis {
  readonly name: string
  readonly integer: boolean
  readonly values: Float64Array
}

/** More values of one parameter than this are refused before they are listed. */
export const AXIS_VALUES_MAX = 1_000_000

/**
 * Returns the number of values of an axis without listing them. A range by count may have fewer once rounded to integers.
 * @param path where the axis stands in the configuration, for messages
 * @throws ConfigError `SWEEP_AXIS` when the axis is empty or malformed
 */
export function axisSize(input: AxisInput, path: string): bigint {
  const { values } = input
  if (typeof values === 'number') return BigInt(checkedList(input, [values], path).length)
  if (isList(values)) return BigInt(checkedList(input, values, path).length)
  checkBounds(values, path)
  return 'step' in values ? stepCount(input, values, path) : pointCount(values, path)
}

/** Returns the axis with its values listed. @throws ConfigError `SWEEP_AXIS`, `GRID_TOO_LARGE` */
export function createAxis(input: AxisInput, path: string): Axis {
  const size = axisSize(input, path)
  if (size > BigInt(AXIS_VALUES_MAX)) throw tooManyValues(size, path)
  return { name: input.name, integer: input.integer, values: listValues(input, Number(size)) }
}

function listValues({ values, integer }: AxisInput, size: number): Float64Array {
  if (typeof values === 'number') return Float64Array.of(values)
  if (isList(values)) return Float64Array.from(values)
  if ('step' in values) return stepValues(values, size)
  const spaced = values.scale === 'log' ? logSpaced(values) : linearSpaced(values)
  return integer ? Float64Array.from(new Set(spaced.map(Math.round))) : spaced
}

function stepValues({ from, to, step }: StepRange, size: number): Float64Array {
  const [first, , increment, places] = alignDecimals(from, to, step)
  return Float64Array.from({ length: size }, (_, i) =>
    numberOf(first + BigInt(i) * increment, places),
  )
}

/** Each value is the double nearest to the exact fraction where the arithmetic fits in 53 bits. */
function linearSpaced({ from, to, count }: CountRange): Float64Array {
  if (count === 1) return Float64Array.of(from)
  const [first, last, , places] = alignDecimals(from, to, 0)
  const gaps = BigInt(count - 1)
  const divisor = Number(gaps * 10n ** BigInt(places))
  return Float64Array.from({ length: count }, (_, i) => {
    if (i === 0) return from
    if (i === count - 1) return to
    return Number(first * (gaps - BigInt(i)) + last * BigInt(i)) / divisor
  })
}

function alignDecimals(from: number, to: number, step: number): [bigint, bigint, bigint, number] {
  const decimals = [decimalOf(from), decimalOf(to), decimalOf(step)] as const
  const places = Math.max(...decimals.map((decimal) => decimal.places))
  const [first, last, increment] = decimals
  return [digitsAt(first, places), digitsAt(last, places), digitsAt(increment, places), places]
}

function stepCount(input: AxisInput, { from, to, step }: StepRange, path: string): bigint {
  if (!Number.isFinite(step) || step <= 0) {
    throw axisError(
      path,
      `step must be greater than 0, was ${step}. Write how far apart the values are, such as { from: 10, to: 50, step: 5 }.`,
    )
  }
  if (input.integer) requireIntegers([from, step], path, 'from and step')
  const [first, last, increment] = alignDecimals(from, to, step)
  return (last - first) / increment + 1n
}

function pointCount({ from, count, scale }: CountRange, path: string): bigint {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw axisError(path, `count must be a whole number of at least 1, was ${count}.`)
  }
  if (scale === 'log' && from <= 0) {
    throw axisError(
      path,
      `from must be greater than 0 on a log scale, was ${from}. Use scale: linear, or start above 0.`,
    )
  }
  return BigInt(count)
}

function checkBounds(
  { from, to }: { readonly from: number; readonly to: number },
  path: string,
): void {
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    throw axisError(path, `from and to must be finite numbers, were ${from} and ${to}.`)
  }
  if (from > to) {
    throw axisError(path, `from must not be greater than to, was from ${from} to ${to}. Swap them.`)
  }
}

function checkedList(input: AxisInput, values: readonly number[], path: string): readonly number[] {
  if (values.length === 0) {
    throw axisError(
      path,
      'the list of values is empty. Give at least one value, or leave the parameter out to use its default.',
    )
  }
  const bad = values.find((value) => !Number.isFinite(value))
  if (bad !== undefined) throw axisError(path, `every value must be a finite number, found ${bad}.`)
  if (input.integer) requireIntegers(values, path, 'every value')
  const seen = new Set<number>()
  const twice = values.find((value) => seen.size === seen.add(value).size)
  if (twice !== undefined)
    throw axisError(path, `value ${twice} stands in the list twice. Remove one.`)
  return values
}

function requireIntegers(values: readonly number[], path: string, what: string): void {
  const bad = values.find((value) => !Number.isInteger(value))
  if (bad !== undefined) {
    throw axisError(
      path,
      `${what} must be whole numbers because the parameter is an integer, found ${bad}.`,
    )
  }
}

function isList(values: AxisSpec): values is readonly number[] {
  return Array.isArray(values)
}

function axisError(path: string, text: string): ConfigError {
  return new ConfigError('SWEEP_AXIS', `${path}: ${text}`, { context: { path } })
}

function tooManyValues(size: bigint, path: string): ConfigError {
  return new ConfigError(
    'GRID_TOO_LARGE',
    `${path}: a parameter may have at most ${AXIS_VALUES_MAX} values, this range has ${size}. Use a larger step or a smaller count.`,
    { context: { path, size: String(size), valuesMax: AXIS_VALUES_MAX } },
  )
}
