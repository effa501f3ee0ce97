import { type Static, Type } from 'typebox'
import { formatInstant } from '../../core/units.ts'
import { closed } from '../leaves.ts'
import type { Report } from '../report.ts'
import { factLines } from '../terminal/blocks.ts'
import { instant } from '../terminal/format.ts'
import type { Style } from '../terminal/style.ts'
import type { SimulatorView } from '../views.ts'

const Document = Type.Object(
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

/** Printed when the simulator is ready. */
export const simReport: Report<SimulatorView, typeof Document> = {
  id: 'crypto/sim@1',
  schema: Document,
  json: simulatorJson,
  // In a pipe one line of JSON: what starts a simulator reads it, and it is never wrapped.
  lines: (view, style) =>
    style.isTerminal === true ? humanLines(view, style) : [JSON.stringify(simulatorJson(view))],
}

function humanLines(view: SimulatorView, style: Style): string[] {
  const facts = [
    ['REST', view.restUrl],
    ['streams', view.streamUrl],
    ['control', `${view.controlUrl}, with the token ${view.controlToken}`],
    ['markets', view.symbols.join(', ')],
    ['candles', `${instant(view.fromMs)} .. ${instant(view.toMs)}`],
    ['clock', `${instant(view.nowMs)}, ${view.speed} simulated seconds a second`],
    ['faults', `seed ${view.seed}`],
  ] as const
  return [...factLines(facts, style), 'Ctrl-C ends it']
}

function simulatorJson(view: SimulatorView): Static<typeof Document> {
  return {
    rest: view.restUrl,
    stream: view.streamUrl,
    control: view.controlUrl,
    control_token: view.controlToken,
    now: formatInstant(view.nowMs),
    speed: view.speed,
    seed: view.seed,
    symbols: [...view.symbols],
    start_time: formatInstant(view.fromMs),
    end_time: formatInstant(view.toMs),
  }
}
