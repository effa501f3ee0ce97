/**
 * How signals become fills and what that costs: the one declaration. The keys of backtests.yaml and sweeps.yaml, the
 * defaults of settings.yaml, the type {@link Execution}, a sweep's manifest and the block of numbers that the kernel
 * reads follow from it. `core-wasm/src/execution.rs` has the same names in the same order.
 */

/** A setting in the keywords of JSON Schema and of `src/config/schemas/leaves.ts`; a number, or one of some words. */
export type ExecutionSetting = NumberSetting | ChoiceSetting

interface NumberSetting {
  readonly type: 'number'
  readonly format?: 'ratio'
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly warnAbove?: number
  readonly default: number
  readonly description: string
}

interface ChoiceSetting {
  /** The kernel gets the position in this list. */
  readonly enum: readonly string[]
  readonly default: string
  readonly description: string
}

/** A fraction; a file may also say `0.1%` or `10bps`. */
const ratio = (description: string) =>
  ({
    type: 'number',
    format: 'ratio',
    minimum: 0,
    exclusiveMaximum: 1,
    warnAbove: 0.05,
    description: `${description}; a fraction (0.001 is 0.1 %), or written as 0.1% or 10bps`,
  }) as const

/** The default of `NAME` is `backtesting.NAME` of settings.yaml. */
export const EXECUTION_RULES = {
  fill: {
    enum: ['next_open', 'close'],
    default: 'next_open',
    description:
      'price of a signal: the open of the next candle, or the close of the candle that gave it',
  },
} as const satisfies Readonly<Record<string, ExecutionSetting>>

/** The default of `NAME` is `trading.default_NAME` of settings.yaml. */
export const EXECUTION_COSTS = {
  commission: { ...ratio('commission per side'), default: 0.001 },
  slippage: { ...ratio('price moves against every fill by this'), default: 0.0005 },
  initial_capital: {
    type: 'number',
    exclusiveMinimum: 0,
    default: 10_000,
    description: 'starting money, quote currency',
  },
} as const satisfies Readonly<Record<string, ExecutionSetting>>

/** All settings, in the order in which the kernel reads them. */
export const EXECUTION_SETTINGS = { ...EXECUTION_RULES, ...EXECUTION_COSTS } as const

export type ExecutionName = keyof typeof EXECUTION_SETTINGS

export const EXECUTION_NAMES = Object.freeze(
  Object.keys(EXECUTION_SETTINGS),
) as readonly ExecutionName[]

export function isExecutionRule(name: ExecutionName): name is keyof typeof EXECUTION_RULES {
  return Object.hasOwn(EXECUTION_RULES, name)
}

export type SettingValue<S> = S extends { readonly enum: readonly (infer V)[] } ? V : number

/** How signals become fills, complete. Named as in the files. */
export type Execution = {
  readonly [K in ExecutionName]: SettingValue<(typeof EXECUTION_SETTINGS)[K]>
}
