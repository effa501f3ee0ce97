import Type from 'typebox'
import { above, below } from '../../kernel/expression.ts'
import { defineStrategy } from '../../kernel/strategy.ts'

/**
 * The benchmark of every backtest: enters on the first bar that may act and never exits, because prices are positive.
 * Run through the same simulator, it bears the same entry costs; being open at the end, it pays no exit fee.
 */
export const BUY_AND_HOLD = defineStrategy({
  name: 'buy_and_hold',
  description: 'Buys on the first bar and holds to the end.',
  params: Type.Object({}),
  signals: ({ close }) => ({ enterLong: above(close, 0), exitLong: below(close, 0) }),
})
