import { crossesAbove, defineStrategy, periodSchema, rsi, Type } from '../../indicators/index.ts'

const level = (defaultLevel: number) =>
  Type.Number({ minimum: 0, maximum: 100, default: defaultLevel, description: 'RSI, 0 to 100' })

/**
 * Enters on the way out of the oversold zone and not on the way in: Wilder's reading, which does not buy into a fall that
 * goes on. The reversion is complete when the opposite zone is reached, so the exit is on the way into it.
 */
export default defineStrategy({
  name: 'rsi_mean_reversion',
  description:
    'Long from the bar on which the RSI of the close rises back above the oversold level until it rises above the overbought level.',
  category: 'technical',
  params: Type.Object(
    { period: periodSchema(14), oversold: level(30), overbought: level(70) },
    { additionalProperties: false },
  ),
  signals: ({ close }, p) => {
    const strength = rsi(close, p.period)
    return {
      enterLong: crossesAbove(strength, p.oversold),
      exitLong: crossesAbove(strength, p.overbought),
    }
  },
})
