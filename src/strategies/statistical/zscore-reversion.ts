import {
  atLeast,
  below,
  defineStrategy,
  periodSchema,
  scalar,
  Type,
  zScore,
} from '../../indicators/index.ts'

const distance = (defaultDistance: number) =>
  Type.Number({
    minimum: 0,
    maximum: 100,
    default: defaultDistance,
    description: 'standard deviations below the mean',
  })

export default defineStrategy({
  name: 'zscore_reversion',
  description:
    'Long when the close is more than `entry` standard deviations below its mean, until it is no more than `exit` below it.',
  category: 'statistical',
  params: Type.Object(
    { period: periodSchema(20, 2), entry: distance(2), exit: distance(0) },
    { additionalProperties: false },
  ),
  signals: ({ close }, p) => {
    const score = zScore(close, p.period)
    return {
      enterLong: below(score, scalar('subtract', 0, p.entry)),
      exitLong: atLeast(score, scalar('subtract', 0, p.exit)),
    }
  },
})
