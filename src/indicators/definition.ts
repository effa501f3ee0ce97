import { type Static, type TObject, Type } from 'typebox'
import type { Registrable } from '../core/registry.ts'
import { outputs, type Scalar, type Series } from '../kernel/expression.ts'

/** Longest window that a schema accepts, bars: almost two years of minutes. */
const PERIOD_BARS_MAX = 1_000_000

/**
 * An indicator as the registry knows it, for rules in YAML, listings and plugins. Strategies in TypeScript call the builder
 * functions instead.
 */
export interface IndicatorDefinition<
  S extends TObject = TObject,
  I extends string = string,
  O extends string = string,
> extends Registrable {
  /** Folder-like grouping for listings, such as `moving_average`. */
  readonly category: string
  readonly params: S
  /**
   * Input series in the order in which they are passed. An input named after a candle column is that column unless
   * something else is given; `source` has to be given.
   */
  readonly inputs: readonly I[]
  /** Output series, the main one first. An indicator with one output calls it `value`. */
  readonly outputs: readonly O[]
  /** Returns the outputs as expressions. A parameter is a number or a symbol of the strategy. */
  build(
    inputs: Readonly<Record<I, Series>>,
    params: Readonly<Record<keyof Static<S>, Scalar>>,
  ): Readonly<Record<O, Series>>
}

/** Types and freezes an indicator definition. */
export function defineIndicator<S extends TObject, const I extends string, const O extends string>(
  definition: IndicatorDefinition<S, I, O>,
): IndicatorDefinition<S, I, O> {
  const { build } = definition
  if (typeof build !== 'function' || definition.outputs?.length < 2)
    return Object.freeze(definition)
  // A strategy that calls it may use one of its outputs and leave the others.
  const several: typeof build = (...given) => outputs(() => ({ ...build.apply(definition, given) }))
  return Object.freeze({ ...definition, build: several })
}

/** Schema of a window length in bars. */
export function periodSchema(defaultBars: number, minimum = 1) {
  return Type.Integer({
    minimum,
    maximum: PERIOD_BARS_MAX,
    default: defaultBars,
    description: 'bars',
  })
}
