import {
  crossesAbove,
  crossesBelow,
  defineStrategy,
  macd,
  periodSchema,
  Type,
} from '../../indicators/index.ts'

export default defineStrategy({
  name: 'macd_crossover',
  description:
    'Long from the bar on which the MACD line crosses above its signal line until it crosses below.',
  category: 'technical',
  params: Type.Object(
    {
      fast_period: periodSchema(12),
      slow_period: periodSchema(26, 2),
      signal_period: periodSchema(9),
    },
    { additionalProperties: false },
  ),
  signals: ({ close }, p) => {
    const periods = { fast: p.fast_period, slow: p.slow_period, signal: p.signal_period }
    const { macd: line, signal } = macd(close, periods)
    return { enterLong: crossesAbove(line, signal), exitLong: crossesBelow(line, signal) }
  },
})
