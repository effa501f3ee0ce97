import { type TSchema, Type } from 'typebox'
import type { Secret } from '../secret.ts'

/**
 * Leaf schemas that several files share. Beyond JSON Schema they carry keywords that only the reader knows:
 * `format` (`instant`, `interval`, `ratio`, `formula`, `symbol`), `mustBe` and `namesMustBe` (the rule for a value and for the keys
 * of a record in words), `shape` (the keys of an object, to say when they do not fit), `warnAbove`, `literal: false` (a secret that may not stand in the file itself) and `variantBy`
 * (the schema is that of what the named sibling registers: a strategy type or an adapter).
 */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_-]*$'
/** Letters of any script, and what ccxt writes between them: `BTC/USDT:USDT`. */
export const SYMBOL_PATTERN = '^[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}._/:-]*$'
export const SYMBOL_RULE = 'letters (of any script), digits, ".", "_", "-", "/" and ":"'

export const Text = (description: string, options: { readonly default?: string } = {}) =>
  Type.String({ minLength: 1, description, ...options })

export const MarketSymbol = Type.String({
  pattern: SYMBOL_PATTERN,
  format: 'symbol',
  mustBe: `a market symbol such as BTCUSDT: ${SYMBOL_RULE}`,
  description: 'market symbol as the data lake spells it, such as BTCUSDT',
})

export const Symbols = (description: string) =>
  Type.Array(MarketSymbol, { minItems: 1, uniqueItems: true, description })

export const Interval = (description: string) =>
  Type.String({
    format: 'interval',
    pattern: '^[1-9][0-9]*[mhdw]$',
    mustBe: 'a candle interval: a count and m, h, d or w, such as 15m, 1h, 4h or 1d',
    description,
  })

export const Instant = (description: string) =>
  Type.String({
    format: 'instant',
    mustBe: 'an ISO date such as 2024-01-31 or 2024-01-31T12:00Z',
    description,
  })

/** A value that is never printed. With `literal: false` it must come from the environment. */
export const SecretText = (description: string, options: { readonly literal?: false } = {}) =>
  Type.Unsafe<Secret>(Type.String({ writeOnly: true, description, ...options }))

/** An object that refuses unknown keys. */
export const Section = <P extends Record<string, TSchema>>(
  properties: P,
  options: {
    readonly description?: string
    readonly default?: object
    readonly shape?: string
  } = {},
) => Type.Object(properties, { additionalProperties: false, ...options })

/** Named entries, `name: value`. */
export const Named = <S extends TSchema>(value: S, description: string) =>
  Type.Record(Type.String({ pattern: NAME_PATTERN }), value, {
    additionalProperties: false,
    namesMustBe: 'a name of letters, digits, "_" and "-"',
    default: {},
    description,
  })
