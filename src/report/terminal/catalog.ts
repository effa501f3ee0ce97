import type { DefinitionView, ExchangeView, ParamView } from '../views.ts'
import { factLines } from './blocks.ts'
import { count } from './format.ts'
import { paintOf, type Style, wrap } from './style.ts'
import { renderTable, wrapLastColumn } from './table.ts'

/** Strategies or indicators, one line each. */
export function definitionListLines(
  definitions: readonly DefinitionView[],
  style: Style,
): string[] {
  const columns = [
    { title: 'Name' },
    { title: 'Kind', priority: 2 },
    { title: 'Parameters', priority: 3 },
    { title: 'Warm-up', align: 'right', priority: 4 },
    { title: 'From', priority: 1, shrinkTo: 12 },
    { title: 'Description', shrinkTo: 34 },
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

/** Everything about one strategy or indicator. */
export function definitionLines(definition: DefinitionView, style: Style): string[] {
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

export function exchangeListLines(exchanges: readonly ExchangeView[], style: Style): string[] {
  const columns = [
    { title: 'Name' },
    { title: 'Adapter' },
    { title: 'Network' },
    { title: 'Requests/min', align: 'right', priority: 2 },
    { title: 'Credentials' },
    { title: 'Description', priority: 1, shrinkTo: 30 },
  ] as const
  const rows = exchanges.map((exchange) => [
    exchange.name,
    exchange.adapter,
    exchange.testnet ? 'testnet' : 'REAL MONEY',
    exchange.rateLimit === null ? '-' : count(exchange.rateLimit),
    exchange.credentials,
    exchange.description,
  ])
  return renderTable({ columns, rows }, style)
}
