import { type Static, Type } from 'typebox'
import { Interval, NAME_PATTERN, Named, Section, Symbols, Text } from './leaves.ts'

const StrategySchema = Section({
  type: Text('registered strategy type; `crypto strategies list` shows them'),
  description: Type.Optional(Text('what it is for, in one line')),
  params: Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.Number(), {
    additionalProperties: false,
    default: {},
    variantBy: 'type',
    description: 'parameters of the type; `crypto strategies show TYPE` lists range and default',
  }),
  symbols: Symbols('markets it is meant for'),
  interval: Interval('candle interval it decides on; coarser than the data is resampled'),
})

/** strategies.yaml */
export const StrategiesSchema = Section(
  { strategies: Named(StrategySchema, 'configured strategies by name') },
  { description: 'Strategies: a type with its parameters, markets and interval' },
)

export type Strategy = Static<typeof StrategySchema>
