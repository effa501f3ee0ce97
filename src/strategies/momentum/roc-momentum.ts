import {
  above,
  below,
  defineStrategy,
  periodSchema,
  rateOfChange,
  Type,
} from '../../indicators/index.ts'

const threshold = (defaultPercent: number) =>
  Type.Number({
    minimum: -100,
    maximum: 1000,
    default: defaultPercent,
    description: 'change over the period, percent',
  })

export default defineStrategy({
  name: 'roc_momentum',
  description:
    'Long when the close has risen by more than `entry` percent over the period, until that change falls below `exit` percent.',
  category: 'momentum',
  params: Type.Object(
    { period: periodSchema(24), entry: threshold(2), exit: threshold(0) },
    { additionalProperties: false },
  ),
  signals: ({ close }, p) => {
    const change = rateOfChange(close, p.period)
    return { enterLong: above(change, p.entry), exitLong: below(change, p.exit) }
  },
})
