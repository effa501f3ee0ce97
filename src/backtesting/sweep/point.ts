import { ConfigError } from '../../core/errors.ts'
import type { ParamValues } from '../results.ts'
import type { Axis } from './axis.ts'
import { compileFormula, holds } from './formula.ts'
import { createGrid, type GridRequest } from './grid.ts'

/** A point asked for by name, completed with what the sweep does not vary. */
export interface SweepPoint {
  /** A value for every parameter, in the order of the program. */
  readonly params: ParamValues
  /** Why the sweep has no such combination; undefined when it has. */
  readonly outside: string | undefined
}

/**
 * Completes the values of one point of a sweep. Values off the grid are allowed: the caller tells the reader.
 * @param where the sweep's condition
 * @throws ConfigError `PARAM_MISSING` when a swept parameter has no value, and as `createGrid`
 */
export function pointOfSweep(
  request: GridRequest & { readonly where?: string | undefined },
  given: ParamValues,
): SweepPoint {
  const { axes } = createGrid(request)
  const missing = axes.filter(({ name, values }) => values.length > 1 && given[name] === undefined)
  if (missing.length > 0) throw paramsMissing(request.sweep, missing)
  const values = axes.map((axis) => given[axis.name] ?? (axis.values[0] as number))
  return {
    params: Object.fromEntries(axes.map(({ name }, i) => [name, values[i] as number])),
    outside: offGrid(axes, values) ?? excluded(request.where, axes, values),
  }
}

function offGrid(axes: readonly Axis[], point: readonly number[]): string | undefined {
  const at = axes.findIndex((axis, i) => !axis.values.includes(point[i] as number))
  const axis = axes[at]
  if (axis === undefined) return undefined
  return `${axis.name}=${point[at]} is not one of its values (${spanOf(axis)})`
}

function excluded(
  where: string | undefined,
  axes: readonly Axis[],
  point: readonly number[],
): string | undefined {
  if (where === undefined) return undefined
  const condition = compileFormula(
    where,
    axes.map(({ name }) => name),
  )
  return holds(condition(Float64Array.from(point), 0)) ? undefined : `where excludes it (${where})`
}

function paramsMissing(sweep: string, missing: readonly Axis[]): ConfigError {
  const names = missing.map((axis) => `${axis.name} (${spanOf(axis)})`)
  const example = missing.map(({ name, values }) => `${name}=${values[0]}`).join(' ')
  return new ConfigError(
    'PARAM_MISSING',
    `--sweep ${sweep}: a point needs a value for every swept parameter. Missing: ${names.join(', ')}. Add them, such as --set ${example}`,
    { context: { sweep, missing: missing.map(({ name }) => name) } },
  )
}

/** A list may have any order. */
function spanOf({ values }: Axis): string {
  const sorted = values.toSorted()
  return values.length === 1 ? `${sorted[0]}` : `${sorted[0]} to ${sorted.at(-1)}`
}
