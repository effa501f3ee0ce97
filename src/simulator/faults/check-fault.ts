import type { TObject } from 'typebox'
import { Value } from 'typebox/value'
import { didYouMean } from '../../core/suggest.ts'
import { findEpochMs } from '../../core/units.ts'

export interface FaultProblem {
  /** Keys from the entry inwards. */
  readonly path: readonly string[]
  readonly message: string
}

type Settings = Readonly<Record<string, unknown>>

interface FieldSchema {
  readonly type?: string
  readonly format?: string
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly FieldSchema[]
  readonly items?: FieldSchema
}

/** Returns everything that is wrong with an entry of a known kind. */
export function checkFault(settings: Settings, schema: TObject): readonly FaultProblem[] {
  const fields: Readonly<Record<string, FieldSchema>> = schema.properties
  return [
    ...unknownKeys(settings, Object.keys(fields)),
    ...missingKeys(settings, schema),
    ...Object.entries(fields).flatMap(([key, field]) =>
      Object.hasOwn(settings, key) ? valueProblems([key], settings[key], field) : [],
    ),
    ...orderProblems(settings),
  ]
}

function unknownKeys(settings: Settings, known: readonly string[]): readonly FaultProblem[] {
  const unused = known.filter((key) => !Object.hasOwn(settings, key))
  return Object.keys(settings)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const hint = didYouMean(key, unused) || ` Known: ${known.join(', ')}.`
      return { path: [key], message: `a fault of kind ${settings.kind} has no such key.${hint}` }
    })
}

function missingKeys(settings: Settings, schema: TObject): readonly FaultProblem[] {
  const fields: Readonly<Record<string, object>> = schema.properties
  const required: readonly string[] = schema.required ?? []
  return required
    .filter((key) => !Object.hasOwn(settings, key) && !('default' in Object(fields[key])))
    .map((key) => ({ path: [], message: `${key} is missing.` }))
}

function valueProblems(
  path: readonly string[],
  value: unknown,
  field: FieldSchema,
): readonly FaultProblem[] {
  const { items } = field
  if (items !== undefined && Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, i) => valueProblems([...path, String(i)], item, items))
  }
  const isRight =
    field.format === 'instant'
      ? typeof value === 'string' && findEpochMs(value) !== undefined
      : Value.Check(field, value)
  if (isRight) return []
  const options = (field.anyOf ?? []).map((option) => String(option.const))
  const hint = typeof value === 'string' ? didYouMean(value, options) : ''
  const message = `must be ${ruleOf(field)}, found ${JSON.stringify(value)}.${hint}`
  return [{ path, message }]
}

function ruleOf({ type, format, anyOf, minimum, maximum }: FieldSchema): string {
  if (anyOf !== undefined) return anyOf.map((option) => String(option.const)).join(' or ')
  if (format === 'instant') return 'a UTC date or time such as 2024-03-01 or 2024-03-01T12:00:00Z'
  if (type === 'array') return 'a list with at least one entry'
  if (type === 'string') return 'a text'
  const noun = type === 'integer' ? 'a whole number' : 'a number'
  if (minimum !== undefined && maximum !== undefined) return `${noun} from ${minimum} to ${maximum}`
  return minimum === undefined ? noun : `${noun} of at least ${minimum}`
}

/** Bounds that are right by themselves and the wrong way round. */
function orderProblems({ min_ms, max_ms, from, to }: Settings): readonly FaultProblem[] {
  const problems: FaultProblem[] = []
  if (Number.isInteger(max_ms) && Number(max_ms) >= 0 && Number(min_ms) > Number(max_ms)) {
    problems.push({ path: ['min_ms'], message: `must not be above max_ms, which is ${max_ms}.` })
  }
  const start = typeof from === 'string' ? findEpochMs(from) : undefined
  const end = typeof to === 'string' ? findEpochMs(to) : undefined
  if (start !== undefined && end !== undefined && start >= end) {
    problems.push({ path: ['from'], message: `must be before to, which is ${to}.` })
  }
  return problems
}
