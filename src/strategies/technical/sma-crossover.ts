import {
  crossesAbove,
  crossesBelow,
  defineStrategy,
  periodSchema,
  sma,
  Type,
} from '../../indicators/index.ts'

export default defineStrategy({
  name: 'sma_crossover',
  description:
    'Long from the bar on which the fast simple average of the close crosses above the slow one until it crosses below.',
  category: 'technical',
  params: Type.Object(
    { fast_period: periodSchema(10), slow_period: periodSchema(30, 2) },
    { additionalProperties: false },
  ),
  signals: ({ close }, p) => {
    const fast = sma(close, p.fast_period)
    const slow = sma(close, p.slow_period)
    return { enterLong: crossesAbove(fast, slow), exitLong: crossesBelow(fast, slow) }
  },
})
