import { definitionJson } from '../../report/json.ts'
import { definitionLines, definitionListLines } from '../../report/terminal/catalog.ts'
import type { Output } from '../output.ts'
import type { Catalogs, Services } from '../services.ts'

/** The commands of strategies and indicators: both are catalogs of definitions. */

export interface ShowOptions {
  readonly name: string
}

export async function strategiesList(
  _options: object,
  services: Services,
  output: Output,
): Promise<number> {
  const catalogs = await openCatalogs(services, output)
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
  services: Services,
  output: Output,
): Promise<number> {
  const catalogs = await openCatalogs(services, output)
  const definition = catalogs.strategies.get(name)
  return output.finish({
    schema: 'crypto/strategies.show@1',
    json: () => definitionJson(definition),
    lines: (style) => definitionLines(definition, style),
    warnings: catalogs.problems,
  })
}

export async function indicatorsList(
  _options: object,
  services: Services,
  output: Output,
): Promise<number> {
  const catalogs = await openCatalogs(services, output)
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
  services: Services,
  output: Output,
): Promise<number> {
  const catalogs = await openCatalogs(services, output)
  const definition = catalogs.indicators.get(name)
  return output.finish({
    schema: 'crypto/indicators.show@1',
    json: () => definitionJson(definition),
    lines: (style) => definitionLines(definition, style),
    warnings: catalogs.problems,
  })
}

/** Opens the catalogs; a plugin that did not load is reported, and the rest works. */
async function openCatalogs(services: Services, output: Output): Promise<Catalogs> {
  const catalogs = await services.catalogs()
  for (const problem of catalogs.problems) await output.warn(problem.message)
  return catalogs
}
