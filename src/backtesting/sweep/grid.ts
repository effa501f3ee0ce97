import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { type Axis, axisSize, createAxis } from './axis.ts'
import type { AxisInput } from './axis-spec.ts'

/**
 * All combinations of the axes, never listed. The canonical index of a combination is the mixed radix number of its
 * positions on the axes, the last axis varying fastest. Plain data: it is posted to workers.
 */
export interface Grid {
  /** In the order of the strategy's parameters, which is also the order of values in a point. */
  readonly axes: readonly Axis[]
  readonly size: number
}

export interface GridRequest {
  readonly sweep: string
  /** The strategy's parameters in the program's order. */
  readonly params: readonly string[]
  readonly axes: readonly AxisInput[]
  /** Largest number of combinations before `where`. */
  readonly combinationsMax: number
}

/**
 * Returns the grid of a sweep. Its size is checked before any value is listed, so a grid of 10^12 is refused at once.
 * @throws ConfigError `SWEEP_AXIS` for malformed, missing or unknown axes, `GRID_TOO_LARGE` beyond `combinationsMax`
 */
export function createGrid(request: GridRequest): Grid {
  const inputs = orderAxes(request)
  const sizes = inputs.map((input) => axisSize(input, axisPath(request.sweep, input.name)))
  const bound = sizes.reduce((product, size) => product * size, 1n)
  if (bound > BigInt(request.combinationsMax)) throw gridTooLarge(request, inputs, sizes, bound)
  const axes = inputs.map((input) => createAxis(input, axisPath(request.sweep, input.name)))
  return { axes, size: axes.reduce((product, axis) => product * axis.values.length, 1) }
}

function axisPath(sweep: string, name: string): string {
  return `sweeps.${sweep}.params.${name}`
}

function orderAxes({ sweep, params, axes }: GridRequest): readonly AxisInput[] {
  if (params.length === 0) {
    throw new ConfigError(
      'SWEEP_AXIS',
      `sweeps.${sweep}: the strategy has no parameters to sweep. Run it with 'backtest run'.`,
    )
  }
  const unknown = axes.find((axis) => !params.includes(axis.name))
  if (unknown !== undefined) {
    throw new ConfigError(
      'SWEEP_AXIS',
      `${axisPath(sweep, unknown.name)}: the strategy has no parameter '${unknown.name}'.${didYouMean(unknown.name, params)} Known: ${params.join(', ') || 'none'}.`,
    )
  }
  return params.map((name) => {
    const axis = axes.find((candidate) => candidate.name === name)
    if (axis !== undefined) return axis
    throw new ConfigError('SWEEP_AXIS', `${axisPath(sweep, name)}: the parameter needs a value.`)
  })
}

function gridTooLarge(
  { sweep, combinationsMax }: GridRequest,
  inputs: readonly AxisInput[],
  sizes: readonly bigint[],
  bound: bigint,
): ConfigError {
  const factors = inputs
    .map((input, i) => ({ name: input.name, size: sizes[i] as bigint }))
    .filter(({ size }) => size > 1n)
    .map(({ name, size }) => `${name} ${group(size)}`)
  return new ConfigError(
    'GRID_TOO_LARGE',
    `sweeps.${sweep}.params: the grid has ${group(bound)} combinations (${factors.join(' × ')}), the limit is ${group(BigInt(combinationsMax))}. ` +
      'Use larger steps or narrower ranges, or raise sweep.combinations_max in settings.yaml.',
    { context: { sweep, combinations: String(bound), combinationsMax } },
  )
}

/** Formats an integer with thousands separators: `1,000,000`. */
export function group(value: bigint | number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Returns the number of values of each axis. */
export function sidesOf(grid: Grid): readonly number[] {
  return grid.axes.map((axis) => axis.values.length)
}

/** Writes the parameter values of the combination with canonical index `index` to `out[offset..]`. */
export function writePoint(grid: Grid, index: number, out: Float64Array, offset = 0): void {
  let rest = index
  for (let i = grid.axes.length - 1; i >= 0; i--) {
    const values = (grid.axes[i] as Axis).values
    const position = rest % values.length
    out[offset + i] = values[position] as number
    rest = (rest - position) / values.length
  }
}

/** Returns the parameter values of one combination by name. */
export function pointRecord(grid: Grid, index: number): Readonly<Record<string, number>> {
  const point = new Float64Array(grid.axes.length)
  writePoint(grid, index, point)
  return Object.fromEntries(grid.axes.map((axis, i) => [axis.name, point[i] as number]))
}
