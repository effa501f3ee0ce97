import type { TObject } from 'typebox'

/** What is registered in this process; handed in, because config knows no strategy and no venue. */
export interface Catalog {
  readonly strategies: {
    names(): readonly string[]
    paramsSchema(name: string): TObject | undefined
    readonly failed?: readonly FailedPlugin[]
  }
  readonly adapters: {
    names(): readonly string[]
    optionsSchema(name: string): TObject | undefined
    readonly failed?: readonly FailedPlugin[]
  }
}

/** A plugin that could not be loaded: nobody knows what it would have registered. */
export interface FailedPlugin {
  readonly path: string
  readonly reason: string
}
