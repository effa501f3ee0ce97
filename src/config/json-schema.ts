import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { checkTarget } from '../core/output-target.ts'
import type { Catalog } from './catalog.ts'
import { CONFIG_SCHEMAS, FILE_KEYS, type FileKey } from './files.ts'
import { isOptional, type SchemaView, viewOf } from './schema-view.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** A leaf may be a reference instead of a value. */
const REFERENCE: JsonSchema = {
  type: 'string',
  pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*(:[^}]*)?\\}',
  description: 'environment variable',
}
const WHOLE_REFERENCE = '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$'
const RATIO_TEXT: JsonSchema = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?\\s*(%|bps)$' }

/** What the reader checks by code, as far as a pattern can say it. */
const PATTERNS: Readonly<Record<string, string>> = {
  instant: '^\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})?)?$',
  formula: '^[^<>=!]*(<=?|>=?|==|!=)[^<>=!]+',
}

/** Keywords that pass to JSON Schema as they are. */
const KEPT = [
  'type',
  'enum',
  'const',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'uniqueItems',
  'writeOnly',
] as const satisfies readonly (keyof SchemaView)[]

/** What an editor can complete beyond the keys: registered types and adapters with their parameters, and configured names. */
export interface Completions {
  readonly catalog: Catalog
  readonly names: Readonly<Record<Exclude<FileKey, 'settings'>, readonly string[]>>
}

/** Returns the JSON Schema of every file by file name, for editors: a key with a default is optional there. */
export function configSchemas(completions?: Completions): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    FILE_KEYS.map((key) => {
      const view = viewOf(CONFIG_SCHEMAS[key])
      const complete = completions === undefined ? view : completed(view, completions)
      const { type: _, ...schema } = editorSchema(complete)
      const head = { $schema: 'http://json-schema.org/draft-07/schema#', title: `${key}.yaml` }
      return [`${key}.schema.json`, { ...head, type: ['object', 'null'], ...schema }]
    }),
  )
}

/** Writes the JSON Schemas into `dir` and returns the file names: all of them or, where one is no plain file, none. */
export function writeSchemas(dir: string, completions?: Completions): readonly string[] {
  const schemas = Object.entries(configSchemas(completions))
  try {
    mkdirSync(dir, { recursive: true })
  } catch (error) {
    throw cannotWrite(dir, error)
  }
  for (const [name] of schemas) checkTarget(join(dir, name))
  for (const [name, schema] of schemas) replaceFile(join(dir, name), formatSchema(schema))
  return schemas.map(([name]) => name)
}

/** Writes beside the file and renames, so that a full disk leaves the old one whole. @throws ConfigError `CONFIG_UNWRITABLE` */
function replaceFile(path: string, text: string): void {
  const part = `${path}.part`
  try {
    writeFileSync(part, text)
    renameSync(part, path)
  } catch (error) {
    try {
      rmSync(part, { force: true })
    } catch {
      // The first failure says more.
    }
    throw cannotWrite(path, error)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room',
  EDQUOT: 'the quota of this user is used up. Make room',
  EROFS: 'the disk is read-only. Name another folder with --output',
  EACCES:
    'permission denied. Allow writing there (chmod u+w), or name another folder with --output',
  EPERM: 'permission denied. Name another folder with --output',
  EISDIR: 'a folder stands in its place. Remove it, or name another folder with --output',
  ENOTDIR: 'a file stands where a folder has to be. Name another folder with --output',
  EEXIST: 'a file stands where a folder has to be. Name another folder with --output',
  ELOOP: 'a link leads back to itself. Name another folder with --output',
}

function cannotWrite(path: string, error: unknown): ConfigError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const reason = REASONS[code] ?? `${message}. Name another folder with --output`
  const text = `${path} cannot be written: ${reason}. What was there is unchanged.`
  return new ConfigError('CONFIG_UNWRITABLE', text, { cause: error, context: { path } })
}

export function formatSchema(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}

/** Replaces the keys that refer to something by the names that there are, at every depth. */
function completed(schema: SchemaView, known: Completions): SchemaView {
  const { properties, patternProperties } = schema
  const each = (of: Readonly<Record<string, SchemaView>>) =>
    Object.fromEntries(
      Object.entries(of).map(([key, child]) => {
        const names = namesFor(key, child, known)
        return [key, names === undefined ? completed(child, known) : withNames(child, names)]
      }),
    )
  return {
    ...copyOf(schema),
    ...(properties && { properties: each(properties), variants: variantsOf(properties, known) }),
    ...(patternProperties && { patternProperties: each(patternProperties) }),
  }
}

/** Of what TypeBox says of a schema, that it is optional is not enumerable. */
function copyOf(schema: SchemaView): SchemaView {
  return { ...schema, '~optional': schema['~optional'] }
}

function namesFor(key: string, { type }: SchemaView, { catalog, names }: Completions) {
  const types = catalog.strategies.names()
  if (key === 'strategies' && type === 'array') return [...names.strategies, ...types]
  if (type !== 'string') return undefined
  const byKey: Readonly<Record<string, readonly string[]>> = {
    type: types,
    adapter: catalog.adapters.names(),
    backtest: names.backtests,
    strategy: [...names.strategies, ...types],
    ...(names.exchanges.length > 0 && {
      exchange: names.exchanges,
      default_exchange: names.exchanges,
    }),
  }
  return Object.hasOwn(byKey, key) ? byKey[key] : undefined
}

function withNames(schema: SchemaView, names: readonly string[]): SchemaView {
  if (schema.items !== undefined)
    return { ...copyOf(schema), items: withNames(schema.items, names) }
  return { ...copyOf(schema), enum: names }
}

/** For each registered name of `type` or `adapter` the schema of the key beside it. */
function variantsOf(properties: Readonly<Record<string, SchemaView>>, { catalog }: Completions) {
  const found = Object.entries(properties).find(([, child]) => child.variantBy !== undefined)
  if (found === undefined) return []
  const [key, { variantBy }] = found
  const of =
    variantBy === 'type'
      ? { names: catalog.strategies.names(), schemaOf: catalog.strategies.paramsSchema }
      : { names: catalog.adapters.names(), schemaOf: catalog.adapters.optionsSchema }
  return of.names.flatMap((name) => {
    const schema = of.schemaOf(name)
    return schema === undefined
      ? []
      : [{ by: variantBy as string, name, key, schema: viewOf(schema) }]
  })
}

function editorSchema(schema: SchemaView): JsonSchema {
  const { description, default: fallback } = schema
  const notes = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
  return { ...editorShape(schema), ...notes }
}

function editorShape(schema: SchemaView): JsonSchema {
  if (schema.anyOf !== undefined) return { anyOf: [...schema.anyOf.map(editorSchema), REFERENCE] }
  if (schema.type === 'object') return objectShape(schema)
  if (schema.type === 'array') return { ...keptOf(schema), items: editorSchema(schema.items ?? {}) }
  return leafShape(schema)
}

function objectShape(schema: SchemaView): JsonSchema {
  const type = schema.default === undefined ? 'object' : ['object', 'null']
  const base = { ...keptOf(schema), type, additionalProperties: false }
  const mapped = (of: Readonly<Record<string, SchemaView>>) =>
    Object.fromEntries(Object.entries(of).map(([key, child]) => [key, editorSchema(child)]))
  if (schema.patternProperties !== undefined) {
    return { ...base, patternProperties: mapped(schema.patternProperties) }
  }
  const properties = Object.entries(schema.properties ?? {})
  const required = properties
    .filter(([, child]) => child.default === undefined && !isOptional(child))
    .map(([key]) => key)
  const needs = required.length === 0 ? {} : { required }
  const allOf = (schema.variants ?? []).map(({ by, name, key, schema: variant }) => ({
    if: { properties: { [by]: { const: name } }, required: [by] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { [key]: editorSchema({ default: {}, ...variant }) } },
  }))
  const choice = allOf.length === 0 ? {} : { allOf }
  return { ...base, ...needs, properties: mapped(schema.properties ?? {}), ...choice }
}

function leafShape(schema: SchemaView): JsonSchema {
  if (schema.literal === false) return { ...keptOf(schema), pattern: WHOLE_REFERENCE }
  const pattern = PATTERNS[schema.format ?? '']
  if (pattern !== undefined) return { anyOf: [{ ...keptOf(schema), pattern }, REFERENCE] }
  const isFreeText =
    schema.type === 'string' && schema.pattern === undefined && schema.enum === undefined
  if (isFreeText) return keptOf(schema)
  const ratio = schema.format === 'ratio' ? [RATIO_TEXT] : []
  return { anyOf: [keptOf(schema), ...ratio, REFERENCE] }
}

function keptOf(schema: SchemaView): JsonSchema {
  return Object.fromEntries(
    KEPT.flatMap((key) => (schema[key] === undefined ? [] : [[key, schema[key]]])),
  )
}
