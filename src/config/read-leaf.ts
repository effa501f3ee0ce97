import { isScalar, type Node } from 'yaml'
import { findSuggestion } from '../core/suggest.ts'
import { findCanonicalInterval, findEpochMs } from '../core/units.ts'
import { formatPlace, type Place } from './problems.ts'
import { isWithin, ruleOf, type SchemaView, wantsText } from './schema-view.ts'
import { Secret } from './secret.ts'
import { LITERAL_SECRET_MIN } from './secret-free.ts'
import { labelOf, type Origin, type ReadState } from './state.ts'
import { hasDollar, type Substitution, strictScalar, substitute } from './substitute.ts'

/** Stands for a value whose problem has been reported. */
export const INVALID: unique symbol = Symbol('invalid')
export type Invalid = typeof INVALID

/** A leaf on its way from the file to its value. */
interface Leaf {
  readonly state: ReadState
  readonly schema: SchemaView
  readonly path: string
  readonly place: Place
}

/** Reads a scalar node: substitutes references, checks type and bounds, notes where the value came from. */
export function readLeaf(leaf: Leaf, node: Node | undefined): unknown {
  if (!isScalar(node)) return wrongType(leaf, node === undefined ? 'nothing' : 'a list or map')
  const raw = node.value
  if (raw === null) return wrongType(leaf, 'nothing')
  const isSecretItself =
    leaf.schema.literal === false && typeof raw === 'string' && !isReference(raw)
  if (typeof raw === 'string' && hasDollar(raw) && !isSecretItself) return readReference(leaf, raw)
  if (leaf.schema.literal === false) return literalSecret(leaf)
  return settle(leaf, raw, { kind: 'file', place: leaf.place })
}

/** Names a variable in one way or another, so that the advice on it is better than that on a secret in the file. */
function isReference(raw: string): boolean {
  return raw.includes('${') || /^\$[A-Z_][A-Z0-9_]*$/.test(raw)
}

function readReference(leaf: Leaf, raw: string): unknown {
  const { state, schema, path, place } = leaf
  const found = substitute(raw, state.env)
  if (found.fault !== undefined) {
    // What follows the `$` of a password in the file is a part of it.
    const isSecret = schema.writeOnly === true && !isReference(raw)
    const fault = isSecret ? 'write $$ for a $ before a name' : found.fault
    state.error('CONFIG_SUBSTITUTION', place, `${labelOf(path)}: ${fault}.`)
    return INVALID
  }
  if (schema.literal === false && (!found.isWhole || found.hasDefault)) return literalSecret(leaf)
  if (found.unset.length > 0) return unsetVariable(leaf, found)
  const origin: Origin =
    found.used.length > 0
      ? { kind: 'environment', variables: found.used.map((name) => state.variable(name)), place }
      : { kind: 'file', place }
  if (schema.writeOnly === true && found.used.length > 0) {
    state.secrets.add(found.text)
    state.addReferenced(raw)
  }
  // Options of an adapter whose schema is not known yet may be anything.
  if (/^exchanges\.[^.]+\.options\./.test(path) && isUntyped(schema)) state.addReferenced(raw)
  const value = found.isWhole && !wantsText(schema) ? strictScalar(found.text) : found.text
  return settle(leaf, value, origin)
}

function isUntyped(schema: SchemaView): boolean {
  return schema.type === undefined && schema.enum === undefined && schema.anyOf === undefined
}

function unsetVariable(leaf: Leaf, found: Substitution): unknown {
  const { state, schema, path, place } = leaf
  const variable = found.unset[0] as string
  if (schema.writeOnly === true) {
    state.origins.set(path, { kind: 'environment', variables: found.unset, place })
    return Secret.unresolved(variable, formatPlace(place))
  }
  state.error(
    'CONFIG_VARIABLE',
    place,
    `${labelOf(path)}: environment variable ${variable} is not set and has no default.`,
    `Set it, or write \${${variable}:default}.`,
  )
  return INVALID
}

function literalSecret({ state, path, place }: Leaf): Invalid {
  const name = path.split('.').slice(-2).join('_').replaceAll('-', '_').toUpperCase()
  state.error(
    'CONFIG_SECRET_LITERAL',
    place,
    `${labelOf(path)}: a secret must not stand in the file, not as a default either.`,
    `Write \${${name}} and set that environment variable; if the value was real, replace it at the exchange.`,
  )
  return INVALID
}

/** Checks a substituted value and returns it as the program sees it. */
function settle(leaf: Leaf, raw: unknown, origin: Origin): unknown {
  const { state, schema, path } = leaf
  const value = typeof raw === 'string' ? parseText(schema, raw) : raw
  const problem = findLeafProblem(schema, value)
  if (problem !== undefined) {
    const from = origin.kind === 'environment' ? ` (from ${origin.variables.join(', ')})` : ''
    const was = schema.writeOnly === true ? '' : `, was ${quote(raw)}${from}`
    const hint = () => problem.hint?.(raw)
    const rule = problem.rule ?? ruleOf(schema)
    state.error(problem.code, leaf.place, `${labelOf(path)}: must be ${rule}${was}.`, hint)
    return INVALID
  }
  warnIfLarge(leaf, value)
  state.origins.set(path, origin)
  return schema.writeOnly === true ? keepSecret(leaf, value as string) : value
}

function keepSecret({ state, place }: Leaf, value: string): Secret {
  if (value.length >= LITERAL_SECRET_MIN) state.secrets.add(value)
  return Secret.of(value, formatPlace(place))
}

interface LeafProblem {
  readonly code: string
  /** Default: the rule of the schema. */
  readonly rule?: string
  readonly hint?: (raw: unknown) => string | undefined
}

const TYPE_OF: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'number',
}

function findLeafProblem(schema: SchemaView, value: unknown): LeafProblem | undefined {
  if (schema.const !== undefined) {
    return value === schema.const ? undefined : { code: 'CONFIG_ENUM' }
  }
  if (schema.enum !== undefined) {
    if (schema.enum.includes(value)) return undefined
    return { code: 'CONFIG_ENUM', hint: (raw) => suggest(raw, schema.enum ?? []) }
  }
  const isType = TYPE_OF[schema.type ?? '']
  if (isType !== undefined && !isType(value)) {
    const code = schema.format === 'instant' ? 'CONFIG_DATE' : 'CONFIG_TYPE'
    return { code, hint: (raw) => typeHint(schema, raw) }
  }
  if (typeof value === 'number') return findNumberProblem(schema, value)
  return typeof value === 'string' ? findTextProblem(schema, value) : undefined
}

function findNumberProblem(schema: SchemaView, value: number): LeafProblem | undefined {
  if (schema.type === 'integer' && !Number.isInteger(value)) return { code: 'CONFIG_TYPE' }
  return isWithin(schema, value) ? undefined : { code: 'CONFIG_RANGE' }
}

function findTextProblem(schema: SchemaView, value: string): LeafProblem | undefined {
  if (schema.format === 'instant') {
    return findEpochMs(value) === undefined ? { code: 'CONFIG_DATE', hint: dateHint } : undefined
  }
  if (schema.format === 'interval') {
    return findIntervalProblem(value)
  }
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema
  if (value.length < minLength) return { code: 'CONFIG_RANGE', rule: 'text that is not empty' }
  if (value.length > maxLength) {
    return { code: 'CONFIG_RANGE', rule: `text of at most ${maxLength} characters` }
  }
  const isMatch = pattern === undefined || new RegExp(pattern, 'u').test(value)
  return isMatch ? undefined : { code: 'CONFIG_PATTERN' }
}

/** Stored candles and results are named by the interval, so that each length has one name only. */
function findIntervalProblem(value: string): LeafProblem | undefined {
  const canonical = findCanonicalInterval(value)
  if (canonical === undefined) return { code: 'CONFIG_INTERVAL' }
  if (canonical === value) return undefined
  const hint = () => `Write ${canonical}, which is as long.`
  return { code: 'CONFIG_INTERVAL', rule: 'an interval in its largest unit', hint }
}

function suggest(raw: unknown, known: readonly unknown[]): string | undefined {
  const names = known.filter((name) => typeof name === 'string')
  const name = findSuggestion(String(raw), names)
  return name === undefined ? undefined : `Did you mean '${name}'?`
}

function typeHint(schema: SchemaView, raw: unknown): string | undefined {
  if (schema.format === 'instant') return dateHint(raw)
  if (schema.format === 'ratio') return 'Write a fraction such as 0.001, or 0.1% or 10bps.'
  if (schema.writeOnly === true) return 'Quote it.'
  if (schema.type === 'string') {
    const isRightAsText = findLeafProblem(schema, String(raw)) === undefined
    return isRightAsText ? `Quote it: "${String(raw)}".` : undefined
  }
  const isQuotedNumber = typeof raw === 'string' && typeof strictScalar(raw) !== 'string'
  return isQuotedNumber ? 'Remove the quotes.' : undefined
}

const DAY = /^\d{4}-\d{2}-\d{2}/

function dateHint(raw: unknown): string | undefined {
  return typeof raw === 'string' && DAY.test(raw) ? 'There is no such day or time.' : undefined
}

/** An accented letter may be written as one character or as two: the lake knows the first. */
function parseText({ format }: SchemaView, text: string): number | string {
  if (format === 'symbol') return text.normalize('NFC')
  return format === 'ratio' ? parseRatio(text) : text
}

const RATIO = /^(\d+(?:\.\d+)?)\s*(%|bps)$/

/** Returns `0.1%` as 0.001 and `10bps` as 0.001, correctly rounded; other text as it is. */
function parseRatio(text: string): number | string {
  const match = RATIO.exec(text.trim())
  return match === null ? text : Number(`${match[1]}e${match[2] === '%' ? -2 : -4}`)
}

function warnIfLarge({ state, schema, path, place }: Leaf, value: unknown): void {
  if (schema.warnAbove === undefined || typeof value !== 'number') return
  if (value <= schema.warnAbove) return
  const percent = Number((value * 100).toPrecision(12))
  state.report(
    'warn',
    'CONFIG_RATIO_LARGE',
    place,
    `${labelOf(path)}: ${value} means ${percent} %.`,
    `If ${value} % was meant, write ${value}%.`,
  )
}

function wrongType({ state, schema, path, place }: Leaf, found: string): Invalid {
  const code = found === 'nothing' ? 'CONFIG_MISSING' : 'CONFIG_TYPE'
  state.error(code, place, `${labelOf(path)}: must be ${ruleOf(schema)}, found ${found}.`)
  return INVALID
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
