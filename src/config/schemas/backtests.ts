import { type Static, Type } from 'typebox'
import { ExecutionKeys } from './execution.ts'
import { Instant, Interval, MarketSymbol, Named, Section, Symbols, Text } from './leaves.ts'

const BacktestSchema = Section({
  name: Type.Optional(Text('title in reports')),
  strategies: Type.Array(Text('a name from strategies.yaml, or a type with its defaults'), {
    minItems: 1,
    uniqueItems: true,
    description:
      'names from strategies.yaml, or types with their defaults; each runs on every symbol',
  }),
  exchange: Type.Optional(Text('exchange; else `default_exchange` of settings.yaml')),
  symbol: Type.Optional(MarketSymbol),
  symbols: Type.Optional(
    Symbols("several markets, instead of `symbol`; without either, each strategy's own symbols"),
  ),
  interval: Type.Optional(Interval("candle interval, instead of each strategy's own")),
  start: Instant('first moment on which signals may act, UTC'),
  end: Instant('end of the period, exclusive, UTC'),
  ...ExecutionKeys,
})

/** backtests.yaml */
export const BacktestsSchema = Section(
  { backtests: Named(BacktestSchema, 'backtests by name') },
  { description: 'Backtests: strategies over markets and a period' },
)

export type Backtest = Static<typeof BacktestSchema>
