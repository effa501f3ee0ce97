import { type Static, Type } from 'typebox'
import { METRICS } from '../../core/metrics.ts'
import { ExecutionKeys } from './execution.ts'
import { Instant, Interval, MarketSymbol, Named, Section, Text } from './leaves.ts'

const SHAPE = '{ from, to, step } or { from, to, count, scale }'

const StepAxisSchema = Section(
  {
    from: Type.Number({ description: 'first value' }),
    to: Type.Number({ description: 'no value is above this' }),
    step: Type.Number({ exclusiveMinimum: 0, description: 'distance of neighbours' }),
  },
  { shape: SHAPE },
)

const CountAxisSchema = Section(
  {
    from: Type.Number({ description: 'first value' }),
    to: Type.Number({ description: 'last value' }),
    count: Type.Integer({ minimum: 1, maximum: 1e9, description: 'how many values' }),
    scale: Type.Enum(['linear', 'log'], {
      default: 'linear',
      description: 'equal distances or equal ratios between neighbours',
    }),
  },
  { shape: SHAPE },
)

/** Values of one parameter. For an integer parameter a `count` axis is rounded and loses its duplicates. */
const AxisSchema = Type.Union(
  [
    Type.Number({ description: 'one fixed value' }),
    Type.Array(Type.Number(), { minItems: 1, uniqueItems: true, description: 'these values' }),
    StepAxisSchema,
    CountAxisSchema,
  ],
  {
    mustBe: `a number, a list, ${SHAPE}`,
    description: 'a number, a list, `{ from, to, step }` or `{ from, to, count, scale }`',
  },
)

const Formula = (description: string) =>
  Type.String({ format: 'formula', minLength: 1, description })

const SweepSchema = Section({
  description: Type.Optional(Text('what it is for, in one line')),
  backtest: Type.Optional(
    Text('a name from backtests.yaml that gives strategy, market, period and costs'),
  ),
  strategy: Type.Optional(Text('a name from strategies.yaml, or a strategy type')),
  exchange: Type.Optional(Text('exchange; else `default_exchange` of settings.yaml')),
  symbol: Type.Optional(MarketSymbol),
  interval: Type.Optional(Interval('candle interval')),
  start: Type.Optional(Instant('first moment on which signals may act, UTC')),
  end: Type.Optional(Instant('end of the period, exclusive, UTC')),
  ...ExecutionKeys,
  params: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$' }), AxisSchema, {
    additionalProperties: false,
    minProperties: 1,
    description:
      'values of each swept parameter; the others keep their configured value or default',
  }),
  where: Type.Optional(
    Formula('keeps only combinations for which this holds, such as `fast_period < slow_period`'),
  ),
  objective: Type.Enum([...METRICS], {
    default: 'sharpe',
    description: 'metric that ranks the combinations',
  }),
  constraints: Type.Array(
    Formula('a condition on metrics and parameters, such as `trades >= 30`'),
    {
      default: [],
      description: 'conditions that a ranked combination must meet',
    },
  ),
  top: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 10,
    description: 'how many combinations the answer lists',
  }),
})

/** sweeps.yaml */
export const SweepsSchema = Section(
  { sweeps: Named(SweepSchema, 'parameter sweeps by name') },
  { description: 'Sweeps: one strategy over a grid of parameters' },
)

export type Sweep = Static<typeof SweepSchema>
export type Axis = Static<typeof AxisSchema>
export type StepAxis = Static<typeof StepAxisSchema>
export type CountAxis = Static<typeof CountAxisSchema>
