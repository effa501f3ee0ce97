import type { App } from '../../app/app.ts'
import { definitionJson } from '../../report/json.ts'
import { warningLines } from '../../report/terminal/blocks.ts'
import { definitionLines, definitionListLines } from '../../report/terminal/catalog.ts'
import type { Output } from '../output.ts'

/** The commands of strategies and indicators: both are catalogs of definitions. */

export interface ShowOptions {
  readonly name: string
}

export async function strategiesList(_options: object, app: App, output: Output): Promise<number> {
  const catalogs = await app.catalogs()
  const definitions = catalogs.strategies.list()
  const first = definitions[0]?.name
  return output.finish({
    schema: 'crypto/strategies.list@1',
    json: () => ({ strategies: definitions.map(definitionJson) }),
    lines: (style) => definitionListLines(definitions, style),
    warnings: catalogs.problems,
    next: first === undefined ? [] : ['strategies', 'show', first],
  })
}

export async function strategiesShow(
  { name }: ShowOptions,
  app: App,
  output: Output,
): Promise<number> {
  const catalogs = await app.catalogs()
  const definition = catalogs.strategies.get(name)
  const unused = catalogs.unusedOf?.(name) ?? []
  return output.finish({
    schema: 'crypto/strategies.show@1',
    json: () => definitionJson(definition),
    lines: (style) => [...definitionLines(definition, style), ...warningLines(unused, style)],
    warnings: [...catalogs.problems, ...unused],
  })
}

export async function indicatorsList(_options: object, app: App, output: Output): Promise<number> {
  const catalogs = await app.catalogs()
  const definitions = catalogs.indicators.list()
  const first = definitions[0]?.name
  return output.finish({
    schema: 'crypto/indicators.list@1',
    json: () => ({ indicators: definitions.map(definitionJson) }),
    lines: (style) => definitionListLines(definitions, style),
    warnings: catalogs.problems,
    next: first === undefined ? [] : ['indicators', 'show', first],
  })
}

export async function indicatorsShow(
  { name }: ShowOptions,
  app: App,
  output: Output,
): Promise<number> {
  const catalogs = await app.catalogs()
  const definition = catalogs.indicators.get(name)
  return output.finish({
    schema: 'crypto/indicators.show@1',
    json: () => definitionJson(definition),
    lines: (style) => definitionLines(definition, style),
    warnings: catalogs.problems,
  })
}
