import {
  above,
  below,
  defineStrategy,
  donchian,
  periodSchema,
  Type,
} from '../../indicators/index.ts'

export default defineStrategy({
  name: 'momentum_breakout',
  description:
    'Long when the close is above the highest high of the entry period before it, until it is below the lowest low of the exit period before it (Donchian, the turtle rules).',
  category: 'momentum',
  params: Type.Object(
    { entry_period: periodSchema(20), exit_period: periodSchema(10) },
    { additionalProperties: false },
  ),
  signals: (candles, p) => ({
    enterLong: above(candles.close, donchian(candles, p.entry_period).upper),
    exitLong: below(candles.close, donchian(candles, p.exit_period).lower),
  }),
})
