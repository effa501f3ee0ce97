import { type Interval, intervalOf } from '../core/formula.ts'
import type { Draft } from './config.ts'
import { isWithin, ruleOf, type SchemaView } from './schema-view.ts'
import type { Axis, CountAxis, StepAxis } from './schemas/sweeps.ts'
import { labelOf, type ReadState } from './state.ts'

type DraftAxis = Draft<Axis>
type DraftRange = Draft<StepAxis> | Draft<CountAxis>

/** Checks what holds for an axis whatever the strategy: the direction of a range and what a log scale needs. */
export function checkAxis(state: ReadState, axis: DraftAxis, path: string): void {
  if (!isRange(axis)) return
  const { from, to } = axis
  if (from === undefined) return
  if (to !== undefined && from > to) {
    const message = `${labelOf(path)}: from must not be above to, was ${from} > ${to}.`
    state.error('CONFIG_AXIS', state.placeOf(`${path}.from`), message, 'Swap them.')
  }
  if ('count' in axis && axis.count === 1 && to !== undefined && from < to) {
    const message = `${labelOf(path)}: a count of 1 needs from and to to be equal, was ${from} < ${to}.`
    const hint = `Write ${from} for this one value, or a count of at least 2.`
    state.error('CONFIG_AXIS', state.placeOf(`${path}.count`), message, hint)
  }
  if ('scale' in axis && axis.scale === 'log' && from <= 0) {
    const message = `${labelOf(path)}: a log scale must start above 0, was ${from}.`
    state.error('CONFIG_AXIS', state.placeOf(`${path}.from`), message, 'Use scale: linear.')
  }
}

/** Checks the values of an axis against the schema of its parameter, by the ends and the step of a range. */
export function checkAxisValues(
  state: ReadState,
  axis: DraftAxis,
  schema: SchemaView,
  path: string,
): void {
  if (typeof axis === 'number') {
    checkValue(state, axis, schema, path)
  } else if (isList(axis)) {
    axis.forEach((value, i) => {
      checkValue(state, value, schema, `${path}.${i}`)
    })
  } else {
    checkValue(state, axis.from, schema, `${path}.from`)
    checkValue(state, axis.to, schema, `${path}.to`)
    if ('step' in axis) checkStep(state, axis.step, schema, `${path}.step`)
  }
}

/** Returns the span of the values of an axis; without any, what the schema of its parameter allows. */
export function axisInterval(axis: DraftAxis | undefined, schema: SchemaView): Interval {
  const isWhole = schema.type === 'integer'
  const ends = axis === undefined ? [] : endsOf(axis)
  if (ends.length > 0) {
    const lowest = ends.reduce((a, b) => Math.min(a, b))
    const highest = ends.reduce((a, b) => Math.max(a, b))
    return intervalOf(lowest, highest, isWhole)
  }
  const min = schema.minimum ?? schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY
  const max = schema.maximum ?? schema.exclusiveMaximum ?? Number.POSITIVE_INFINITY
  return intervalOf(min, max, isWhole)
}

/** The values of a list, both ends of a range; nothing where one of them is missing, which is reported elsewhere. */
function endsOf(axis: DraftAxis): readonly number[] {
  const values = isRange(axis) ? [axis.from, axis.to] : [axis].flat()
  return values.every((value) => value !== undefined) ? [...new Set(values)] : []
}

function checkValue(
  state: ReadState,
  value: number | undefined,
  schema: SchemaView,
  path: string,
): void {
  if (value === undefined) return
  const isWhole = schema.type !== 'integer' || Number.isInteger(value)
  if (isWhole && isWithin(schema, value)) return
  const message = `${labelOf(path)}: must be ${ruleOf(schema)}, was ${value}.`
  state.error(isWhole ? 'CONFIG_RANGE' : 'CONFIG_TYPE', state.placeOf(path), message)
}

function checkStep(
  state: ReadState,
  step: number | undefined,
  schema: SchemaView,
  path: string,
): void {
  if (step === undefined || schema.type !== 'integer' || Number.isInteger(step)) return
  const message = `${labelOf(path)}: must be an integer, because the parameter is one; was ${step}.`
  state.error('CONFIG_TYPE', state.placeOf(path), message)
}

function isList(axis: DraftAxis): axis is readonly (number | undefined)[] {
  return Array.isArray(axis)
}

function isRange(axis: DraftAxis): axis is DraftRange {
  return typeof axis === 'object' && !Array.isArray(axis)
}
