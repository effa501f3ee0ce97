import type { TObject } from 'typebox'

export type FormulaVariables =
  | { readonly variables: readonly string[]; readonly isCondition: boolean }
  | { readonly error: string; readonly offset: number }

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
  /** Parses a formula, names its variables and tells a condition from a number; `offset` counts characters from the start of the text. */
  readonly formulaVariables: (text: string) => FormulaVariables
}
