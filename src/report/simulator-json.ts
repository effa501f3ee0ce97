import { formatInstant } from '../core/units.ts'
import type { ResultOf } from './documents.ts'
import type { SimulatorView } from './views.ts'

export function simulatorJson(view: SimulatorView): ResultOf<'crypto/sim@1'> {
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
