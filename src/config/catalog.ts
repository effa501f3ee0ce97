import type { TObject } from 'typebox'

/** What is registered in this process; handed in, because config knows no strategy and no venue. */
export interface Catalog {
  readonly strategies: {
    names(): readonly string[]
    paramsSchema(name: string): TObject | undefined
  }
  readonly adapters: {
    names(): readonly string[]
    optionsSchema(name: string): TObject | undefined
  }
}
