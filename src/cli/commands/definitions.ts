import type { App } from '../../app/app.ts'
import {
  indicatorsListReport,
  indicatorsShowReport,
  strategiesListReport,
  strategiesShowReport,
} from '../../report/commands/definitions.ts'
import type { Output } from '../output.ts'

/** The commands of strategies and indicators: both are catalogs of definitions. */

export interface ShowOptions {
  readonly name: string
}

export async function strategiesList(_options: object, app: App, output: Output): Promise<number> {
  const catalogs = await app.catalogs()
  const definitions = catalogs.strategies.list()
  const first = definitions[0]?.name
  return output.finish(
    strategiesListReport,
    { definitions, problems: catalogs.problems },
    { next: first === undefined ? [] : ['strategies', 'show', first] },
  )
}

export async function strategiesShow(
  { name }: ShowOptions,
  app: App,
  output: Output,
): Promise<number> {
  const catalogs = await app.catalogs()
  const definition = catalogs.strategies.get(name)
  const unused = catalogs.unusedOf?.(name) ?? []
  return output.finish(strategiesShowReport, { definition, problems: catalogs.problems, unused })
}

export async function indicatorsList(_options: object, app: App, output: Output): Promise<number> {
  const catalogs = await app.catalogs()
  const definitions = catalogs.indicators.list()
  const first = definitions[0]?.name
  return output.finish(
    indicatorsListReport,
    { definitions, problems: catalogs.problems },
    { next: first === undefined ? [] : ['indicators', 'show', first] },
  )
}

export async function indicatorsShow(
  { name }: ShowOptions,
  app: App,
  output: Output,
): Promise<number> {
  const catalogs = await app.catalogs()
  const definition = catalogs.indicators.get(name)
  return output.finish(indicatorsShowReport, { definition, problems: catalogs.problems })
}
