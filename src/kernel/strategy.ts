import type { Static, TObject } from 'typebox'
import type { Registrable } from '../core/registry.ts'
import type { CandleSymbols, ParamNode, Signals } from './expression.ts'

/** The parameters of a strategy as symbols of the graph, one per key of its schema. */
export type ParamSymbols<P> = { readonly [K in keyof P]: ParamNode }

/**
 * A strategy: a name, a parameter schema and a function that builds the signal graph once.
 * It never loops over candles, never sees an order and never does I/O.
 */
export interface StrategyDefinition<S extends TObject = TObject> extends Registrable {
  /** Folder-like grouping for listings: `technical`, `statistical`, `momentum`, `ml`. */
  readonly category?: string
  readonly params: S
  /** A method, so that a definition with its own parameters is a definition of any. */
  signals(candles: CandleSymbols, params: ParamSymbols<Static<S>>): Signals
}

/** Types and freezes a strategy definition; the default export of every strategy file. */
export function defineStrategy<S extends TObject>(
  definition: StrategyDefinition<S>,
): StrategyDefinition<S> {
  return Object.freeze(definition)
}
