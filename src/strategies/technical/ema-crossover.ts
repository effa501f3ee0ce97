import {
  crossesAbove,
  crossesBelow,
  defineStrategy,
  ema,
  periodSchema,
  Type,
} from '../../indicators/index.ts'

export default defineStrategy({
  name: 'ema_crossover',
  description:
    'Long from the bar on which the fast exponential average of the close crosses above the slow one until it crosses below.',
  category: 'technical',
  params: Type.Object(
    { fast_period: periodSchema(12), slow_period: periodSchema(26, 2) },
    { additionalProperties: false },
  ),
  signals: ({ close }, p) => {
    const fast = ema(close, p.fast_period)
    const slow = ema(close, p.slow_period)
    return { enterLong: crossesAbove(fast, slow), exitLong: crossesBelow(fast, slow) }
  },
})
