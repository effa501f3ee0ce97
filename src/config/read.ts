import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { REDACTED } from '../core/redact.ts'
import { findSuggestion } from '../core/suggest.ts'
import type { Place } from './problems.ts'
import { INVALID, readLeaf } from './read-leaf.ts'
import { isOptional, ruleOf, type SchemaView } from './schema-view.ts'
import { isSecretLike } from './secret-names.ts'
import { type Entry, entriesOf, placeOfNode, resolveNode, type Source } from './source.ts'
import { labelOf, type ReadState } from './state.ts'

/** A node of a file beside the schema it has to meet. */
export interface Reading {
  readonly state: ReadState
  readonly source: Source
  readonly node: Node | undefined
  readonly schema: SchemaView
  readonly path: string
  readonly place: Place
}

/**
 * Reads a node by its schema: references substituted, defaults filled in, every problem reported at its place.
 * What is wrong is left out of the answer, so that the rest can still be checked.
 */
export function readValue(reading: Reading): unknown {
  const { state, source, path, place, schema } = reading
  const node = resolveNode(source, reading.node)
  state.places.set(path, place)
  noteVisibility(state, node, schema)
  const resolved = { ...reading, node }
  if (schema.anyOf !== undefined) return readVariant(resolved, schema.anyOf)
  if (schema.type === 'object') return readObject(resolved)
  if (schema.type === 'array') return readList(resolved)
  return readLeaf(resolved, node)
}

/** A list that lacks its brackets is shown; what stands in place of a map may be anything. */
function noteVisibility(state: ReadState, node: Node | undefined, schema: SchemaView): void {
  if (node === undefined) return
  if (schema.writeOnly === true) {
    const isReference = isScalar(node) && BARE_REFERENCE.test(String(node.value))
    if (isReference) state.shown.add(node)
    else state.hide(node, { secret: true })
  } else if (isScalar(node) && schema.type !== 'object') state.shown.add(node)
  // What an adapter makes of the options inside of its options is its own affair.
  else if (schema.type === undefined && schema.anyOf === undefined) state.addReferencedIn(node)
}

/** Names a variable and gives nothing away. A `$name` of small letters may be a password. */
const BARE_REFERENCE = /^\$(?:\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Z_][A-Z0-9_]*)$/

/** Picks the one variant that the shape of the node calls for, so that messages speak of that one only. */
function readVariant(reading: Reading, variants: readonly SchemaView[]): unknown {
  const { node, state, path, place, schema } = reading
  if (variants.every((variant) => variant.const !== undefined)) {
    return readLeaf(
      { ...reading, schema: { enum: variants.map((variant) => variant.const) } },
      node,
    )
  }
  const shape = isMap(node) ? 'object' : isSeq(node) ? 'array' : 'leaf'
  const candidates = variants.filter((variant) => shapeOf(variant) === shape)
  const keys = isMap(node) ? entriesOf(reading.source, node).map((entry) => entry.key) : []
  const score = ({ properties = {} }: SchemaView) =>
    keys.filter((key) => Object.hasOwn(properties, key)).length
  const best = candidates.toSorted((a, b) => score(b) - score(a))[0]
  if (best !== undefined) return readValue({ ...reading, schema: best })
  const found = { object: 'a map', array: 'a list', leaf: 'a single value' }[shape]
  state.error('CONFIG_TYPE', place, `${labelOf(path)}: must be ${ruleOf(schema)}, found ${found}.`)
  return INVALID
}

function shapeOf(schema: SchemaView): 'object' | 'array' | 'leaf' {
  return schema.type === 'object' || schema.type === 'array' ? schema.type : 'leaf'
}

function isNothing(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null)
}

function readObject(reading: Reading): unknown {
  const { node, schema, state, path, place } = reading
  if (isNothing(node) && schema.default !== undefined) return readEmpty(reading)
  if (!isMap(node)) {
    const found = isNothing(node) ? 'nothing' : isSeq(node) ? 'a list' : 'a single value'
    const rule = ruleOf(schema)
    const code = isNothing(node) ? 'CONFIG_MISSING' : 'CONFIG_TYPE'
    state.error(code, place, `${labelOf(path)}: must be ${rule}, found ${found}.`)
    return INVALID
  }
  const entries = withoutDuplicates(reading, entriesOf(reading.source, node))
  if (entries.length < (schema.minProperties ?? 0)) {
    state.error('CONFIG_MISSING', place, `${labelOf(path)}: must have at least one entry.`)
  }
  return schema.patternProperties === undefined
    ? readProperties(reading, entries)
    : readNamed(reading, entries)
}

function withoutDuplicates(
  { state, source, path }: Reading,
  entries: readonly Entry[],
): readonly Entry[] {
  const first = new Map<string, Entry>()
  for (const entry of entries) {
    const before = first.get(entry.key)
    if (before === undefined) first.set(entry.key, entry)
    else {
      state.hide(resolveNode(source, entry.value), { secret: isSecretLike(entry.key) })
      const label = labelOf(joinPath(path, entry.key))
      const message = `${label}: key '${entry.key}' appears twice; the first is on line ${before.keyPlace.line}.`
      state.within(joinPath(path, entry.key), () =>
        state.error('CONFIG_DUPLICATE_KEY', entry.keyPlace, message, 'Remove or rename one.'),
      )
    }
  }
  return [...first.values()]
}

function readProperties(reading: Reading, entries: readonly Entry[]): Record<string, unknown> {
  const properties = reading.schema.properties ?? {}
  const given = new Map(entries.map((entry) => [entry.key, entry]))
  const missing = Object.keys(properties).filter((key) => !given.has(key))
  for (const entry of entries) {
    if (!Object.hasOwn(properties, entry.key)) reportUnknownKey(reading, entry, missing)
  }
  const value: Record<string, unknown> = {}
  for (const [key, declared] of Object.entries(properties)) {
    const entry = given.get(key)
    const path = joinPath(reading.path, key)
    const schema = variantOf(reading.state, declared, value)
    const read =
      entry === undefined ? readAbsent(reading, schema, path) : readEntry(reading, entry, schema)
    if (read !== INVALID && read !== undefined) value[key] = read
  }
  return value
}

/** Replaces a schema with `variantBy` by that of the registered type, where the type is known. */
function variantOf(state: ReadState, schema: SchemaView, siblings: Record<string, unknown>) {
  if (schema.variantBy === undefined) return schema
  const found = state.findVariant(schema.variantBy, siblings[schema.variantBy])
  return found === undefined ? schema : { default: {}, ...found }
}

/** Suggests keys that are not used yet before those that are. */
function reportUnknownKey(reading: Reading, entry: Entry, missing: readonly string[]): void {
  const known = Object.keys(reading.schema.properties ?? {})
  reading.state.hide(resolveNode(reading.source, entry.value), { secret: isSecretLike(entry.key) })
  const near = () => findSuggestion(entry.key, missing) ?? findSuggestion(entry.key, known)
  const home = reading.path.includes('.') ? undefined : reading.state.homes.get(entry.key)
  const hint = () =>
    home !== undefined ? `It belongs in ${home}.` : keyHint(reading.schema, near())
  const where = reading.path.includes('.') ? `${labelOf(reading.path)}: ` : ''
  const message = `${where}unknown key '${entry.key.replace(/([:=]).*/s, `$1${REDACTED}`)}'.`
  reading.state.error('CONFIG_UNKNOWN_KEY', entry.keyPlace, message, hint)
}

function keyHint({ shape, properties }: SchemaView, near: string | undefined): string {
  if (near !== undefined) return `Did you mean '${near}'?`
  if (shape !== undefined) return `Write ${shape}.`
  return `Known here: ${Object.keys(properties ?? {}).join(', ') || 'none'}.`
}

function readNamed(reading: Reading, entries: readonly Entry[]): Record<string, unknown> {
  const { schema, state, path } = reading
  const [pattern, valueSchema] = Object.entries(schema.patternProperties ?? {})[0] as [
    string,
    SchemaView,
  ]
  const isName = new RegExp(pattern, 'u')
  const value: Record<string, unknown> = {}
  for (const entry of entries) {
    if (!isName.test(entry.key)) {
      const rule = schema.namesMustBe ?? `a name that matches ${pattern}`
      const message = `${labelOf(path)}: '${entry.key}' must be ${rule}.`
      state.within(joinPath(path, entry.key), () =>
        state.error('CONFIG_NAME', entry.keyPlace, message),
      )
      continue
    }
    const read = readEntry(reading, entry, valueSchema)
    if (read !== INVALID) value[entry.key] = read
  }
  return value
}

function readEntry(reading: Reading, entry: Entry, schema: SchemaView): unknown {
  const { state, source } = reading
  const path = joinPath(reading.path, entry.key)
  state.keyPlaces.set(path, entry.keyPlace)
  if (schema.type !== 'object' && schema.writeOnly !== true && isSecretLike(entry.key)) {
    state.hide(resolveNode(source, entry.value), { secret: true })
  }
  const { value: node, place } = entry
  return state.within(path, () => readValue({ state, source, node, schema, path, place }))
}

function readAbsent(reading: Reading, schema: SchemaView, path: string): unknown {
  if (schema.default !== undefined && schema.properties !== undefined) {
    return readProperties({ ...reading, schema, path }, [])
  }
  if (schema.default !== undefined) return fillDefault(reading.state, schema, path)
  if (isOptional(schema)) return undefined
  const key = path.slice(path.lastIndexOf('.') + 1)
  const { shape } = reading.schema
  reading.state.error(
    'CONFIG_MISSING',
    reading.place,
    `${labelOf(reading.path)}: key '${key}' is missing.`,
    shape === undefined ? `It must be ${ruleOf(schema)}.` : `Write ${shape}.`,
  )
  return INVALID
}

/** An object without content is read like one without keys. */
function readEmpty(reading: Reading): unknown {
  return reading.schema.properties === undefined ? {} : readProperties(reading, [])
}

function fillDefault(state: ReadState, schema: SchemaView, path: string): unknown {
  if (schema.type === 'object') return {}
  state.origins.set(path, { kind: 'default' })
  return Array.isArray(schema.default) ? [...schema.default] : schema.default
}

/** Nobody corrects more of one list in one go. */
const LIST_ERRORS_MAX = 1000

function readList(reading: Reading): unknown {
  const { node, schema, state, path, place, source } = reading
  if (!isSeq(node)) return notAList(reading)
  const { minItems = 0, items = {} } = schema
  if (node.items.length < minItems) {
    const message = `${labelOf(path)}: must have at least ${minItems} item${minItems === 1 ? '' : 's'}.`
    state.error('CONFIG_MISSING', place, message)
    return INVALID
  }
  const places = node.items.map((item) => placeOfNode(source, item as Node))
  const variables: string[] = []
  const errorsMax = state.findings.length + LIST_ERRORS_MAX
  const values = node.items.map((item, i) => {
    if (state.findings.length >= errorsMax) return INVALID
    const at = { path: joinPath(path, String(i)), place: places[i] as Place }
    const value = readValue({ state, source, node: item as Node, schema: items, ...at })
    const origin = state.origins.get(at.path)
    if (origin?.kind === 'environment') variables.push(...origin.variables)
    state.origins.delete(at.path)
    return value
  })
  if (state.findings.length >= errorsMax) state.addReferencedIn(node)
  else if (schema.uniqueItems === true) reportRepeats(reading, values, places)
  // A list has one origin: the environment as soon as one item came from there.
  const isOfFile = variables.length === 0
  state.origins.set(
    path,
    isOfFile ? { kind: 'file', place } : { kind: 'environment', variables, place },
  )
  return values.map((value) => (value === INVALID ? undefined : value))
}

function notAList({ node, state, path, place }: Reading): unknown {
  const found = isNothing(node) ? 'nothing' : isMap(node) ? 'a map' : 'a single value'
  const hint = isScalar(node) && !isNothing(node) ? `Write [${node.source ?? ''}].` : undefined
  state.error('CONFIG_TYPE', place, `${labelOf(path)}: must be a list, found ${found}.`, hint)
  return INVALID
}

function reportRepeats(
  reading: Reading,
  values: readonly unknown[],
  places: readonly Place[],
): void {
  const seen = new Set<unknown>([INVALID])
  const repeats = [...values.keys()].filter((i) => {
    const value = values[i]
    return value !== INVALID && seen.size === seen.add(value).size
  })
  for (const i of repeats.slice(0, LIST_ERRORS_MAX)) {
    const message = `${labelOf(reading.path)}: ${String(values[i])} is listed twice.`
    reading.state.error('CONFIG_DUPLICATE_ITEM', places[i] as Place, message)
  }
}

export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
