import { type Static, Type } from 'typebox'
import { closed, Nullable } from '../leaves.ts'
import type { Report } from '../report.ts'
import { factLines, warningLines } from '../terminal/blocks.ts'
import { count } from '../terminal/format.ts'
import { paintOf, type Style, wrap } from '../terminal/style.ts'
import { renderTable, wrapLastColumn } from '../terminal/table.ts'
import type { DefinitionView, ParamView, Warning } from '../views.ts'

/** Strategies and indicators: both are catalogs of definitions. */

const ParamDocument = Type.Object(
  {
    name: Type.String(),
    type: Type.String(),
    default: Type.Unknown({ description: 'null when the parameter is required' }),
    minimum: Nullable(Type.Number()),
    maximum: Nullable(Type.Number()),
    description: Type.String(),
  },
  closed,
)

const DefinitionDocument = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    category: Type.String(),
    source: Type.String({ description: '`built-in` or the path of a plugin' }),
    params: Type.Array(ParamDocument),
    warmup_bars: Nullable(Type.Integer({ minimum: 0, description: 'at the default parameters' })),
    facts: Type.Record(Type.String(), Type.String()),
  },
  closed,
)

const StrategiesDocument = Type.Object({ strategies: Type.Array(DefinitionDocument) }, closed)
const IndicatorsDocument = Type.Object({ indicators: Type.Array(DefinitionDocument) }, closed)

interface Listing {
  readonly definitions: readonly DefinitionView[]
  /** Plugins that could not be loaded; already said. */
  readonly problems: readonly Warning[]
}

interface Page {
  readonly definition: DefinitionView
  readonly problems: readonly Warning[]
  /** Parameters that reach none of its signals. */
  readonly unused?: readonly Warning[]
}

const listing = {
  lines: ({ definitions }: Listing, style: Style) => tableLines(definitions, style),
  warnings: ({ problems }: Listing) => problems,
}

const page = {
  schema: DefinitionDocument,
  json: ({ definition }: Page) => definitionJson(definition),
  lines: ({ definition, unused = [] }: Page, style: Style) => [
    ...pageLines(definition, style),
    ...warningLines(unused, style),
  ],
  warnings: ({ problems, unused = [] }: Page) => [...problems, ...unused],
}

export const strategiesListReport: Report<Listing, typeof StrategiesDocument> = {
  id: 'crypto/strategies.list@1',
  schema: StrategiesDocument,
  json: ({ definitions }) => ({ strategies: definitions.map(definitionJson) }),
  ...listing,
}

export const strategiesShowReport: Report<Page, typeof DefinitionDocument> = {
  id: 'crypto/strategies.show@1',
  ...page,
}

export const indicatorsListReport: Report<Listing, typeof IndicatorsDocument> = {
  id: 'crypto/indicators.list@1',
  schema: IndicatorsDocument,
  json: ({ definitions }) => ({ indicators: definitions.map(definitionJson) }),
  ...listing,
}

export const indicatorsShowReport: Report<Page, typeof DefinitionDocument> = {
  id: 'crypto/indicators.show@1',
  ...page,
}

function definitionJson(definition: DefinitionView): Static<typeof DefinitionDocument> {
  return {
    name: definition.name,
    description: definition.description,
    category: definition.category,
    source: definition.source,
    params: definition.params.map((param) => ({
      name: param.name,
      type: param.type,
      default: param.default ?? null,
      minimum: param.minimum ?? null,
      maximum: param.maximum ?? null,
      description: param.description,
    })),
    warmup_bars: definition.warmupBars,
    facts: Object.fromEntries(definition.facts),
  }
}

/** One line each. */
function tableLines(definitions: readonly DefinitionView[], style: Style): string[] {
  const columns = [
    { title: 'Name' },
    { title: 'Kind', priority: 2 },
    { title: 'Parameters', priority: 3 },
    { title: 'Warm-up', align: 'right', priority: 4 },
    { title: 'From', priority: 1, shrinkTo: 12 },
    { title: 'Description', shrinkTo: 34, wraps: true },
  ] as const
  const rows = definitions.map((definition) => [
    definition.name,
    definition.category,
    definition.params.map((param) => `${param.name}=${String(param.default)}`).join(' '),
    definition.warmupBars === null ? '-' : count(definition.warmupBars),
    definition.source,
    definition.description,
  ])
  return renderTable({ columns, rows }, style)
}

/** Everything about one. */
function pageLines(definition: DefinitionView, style: Style): string[] {
  const warmup = definition.warmupBars
  const facts = [
    ['kind', definition.category],
    ['from', definition.source],
    ...(warmup === null ? [] : [['warm-up', `${count(warmup)} bars at the defaults`] as const]),
    ...definition.facts,
  ] as const
  return [
    paintOf(style).bold(definition.name),
    ...wrap(definition.description, style.width),
    '',
    ...paramTable(definition.params, style),
    '',
    ...factLines(facts, style),
  ]
}

function paramTable(params: readonly ParamView[], style: Style): string[] {
  if (params.length === 0) return ['no parameters']
  const columns = [
    { title: 'Parameter' },
    { title: 'Type' },
    { title: 'Default', align: 'right' },
    { title: 'Range' },
    { title: 'Meaning' },
  ] as const
  const rows = params.map((param) => [
    param.name,
    param.type,
    param.default === undefined ? 'required' : String(param.default),
    rangeOf(param),
    param.description,
  ])
  return renderTable(wrapLastColumn({ columns, rows }, style), style)
}

/** `1 .. 500`, `from 1`, `to 100` or nothing. */
function rangeOf({ minimum, maximum }: ParamView): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} .. ${maximum}`
  if (minimum !== undefined) return `from ${minimum}`
  return maximum === undefined ? '' : `to ${maximum}`
}
