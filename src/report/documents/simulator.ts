import { Type } from 'typebox'
import { closed } from './leaves.ts'

/** Result of `crypto sim`, printed when the simulator is ready. */
export const SimulatorResult = Type.Object(
  {
    rest: Type.String({ description: 'base URL of the REST interface, without a path' }),
    stream: Type.String({ description: 'base URL of the streams, without a path' }),
    control: Type.String({ description: 'base URL of the control interface' }),
    control_token: Type.String({
      description: 'what its clients must show: `Authorization: Bearer TOKEN`',
    }),
    now: Type.String({ format: 'date-time', description: 'simulated time at the start' }),
    speed: Type.Number({ minimum: 0, description: 'simulated seconds per real second' }),
    seed: Type.Integer({ description: 'seed of the faults' }),
    symbols: Type.Array(Type.String(), { description: 'markets' }),
    start_time: Type.String({
      format: 'date-time',
      description: 'from then on every market has candles',
    }),
    end_time: Type.String({
      format: 'date-time',
      description: 'from then on some market has none: it stands still',
    }),
  },
  closed,
)
