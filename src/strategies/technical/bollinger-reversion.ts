import {
  atLeast,
  below,
  bollingerBands,
  defineStrategy,
  periodSchema,
  Type,
} from '../../indicators/index.ts'

export default defineStrategy({
  name: 'bollinger_reversion',
  description:
    'Long when the close is below the lower Bollinger band, until it is back at the middle band or above.',
  category: 'technical',
  params: Type.Object(
    {
      period: periodSchema(20, 2),
      deviations: Type.Number({
        exclusiveMinimum: 0,
        maximum: 100,
        default: 2,
        description: 'distance of the bands, standard deviations',
      }),
    },
    { additionalProperties: false },
  ),
  signals: ({ close }, p) => {
    const { lower, middle } = bollingerBands(close, p)
    return { enterLong: below(close, lower), exitLong: atLeast(close, middle) }
  },
})
