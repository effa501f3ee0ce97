import {
  above,
  and,
  below,
  defineStrategy,
  donchian,
  or,
  sma,
  Type,
} from 'crypto-platform/strategy'

/**
 * A breakout of Donchian's channel, taken only in the direction of the long trend: the filter leaves out most of the
 * breakouts of a falling market, which a bare channel buys one after the other. The shorter exit channel gives back less
 * of a trend than waiting for the entry channel's other side.
 */
export default defineStrategy({
  name: 'price_channel_filter',
  description: 'Long on a close above the channel while above a slow average.',
  category: 'momentum',
  params: Type.Object(
    {
      entry_period: Type.Integer({
        minimum: 2,
        maximum: 5_000,
        default: 55,
        description: 'bars of the channel whose top is to be broken',
      }),
      exit_period: Type.Integer({
        minimum: 2,
        maximum: 5_000,
        default: 20,
        description: 'bars of the channel whose bottom ends the trade',
      }),
      trend_period: Type.Integer({
        minimum: 2,
        maximum: 20_000,
        default: 200,
        description: 'bars of the slow average',
      }),
    },
    { additionalProperties: false },
  ),
  signals: ({ high, low, close }, p) => {
    const entry = donchian({ high, low }, p.entry_period)
    const exit = donchian({ high, low }, p.exit_period)
    const trend = sma(close, p.trend_period)
    return {
      enterLong: and(above(close, entry.upper), above(close, trend)),
      exitLong: or(below(close, exit.lower), below(close, trend)),
    }
  },
})
