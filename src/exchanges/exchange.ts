import type { TObject } from 'typebox'
import type { Registrable } from '../core/registry.ts'

/** What is traded: `spot` buys and sells the asset itself. */
export type MarketKind = 'spot'

/**
 * An exchange adapter: how to speak to one venue. `exchanges.yaml` names it as `adapter`; every other key of an entry
 * is one of its options. The definition is data and free of I/O, so that listing and validating load no client.
 */
export interface ExchangeDefinition<S extends TObject = TObject> extends Registrable {
  /** Schema of the options: types, defaults and documentation. */
  readonly options: S
  readonly marketKinds: readonly MarketKind[]
  /** Candle intervals that the venue serves, shortest first, in the platform's spelling. */
  readonly intervals: readonly string[]
  /** Requests per minute that stay within the venue's published limit. */
  readonly rateLimitDefault: number
}

/** Types and freezes an exchange definition; the default export of every `src/exchanges/<venue>/index.ts`. */
export function defineExchange<S extends TObject>(
  definition: ExchangeDefinition<S>,
): ExchangeDefinition<S> {
  return Object.freeze(definition)
}
