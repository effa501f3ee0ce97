import { simulatorJson } from '../simulator-json.ts'
import type { SimulatorView } from '../views.ts'

/** One line of JSON: what starts a simulator reads it, and it is never wrapped. */
export function simulatorLines(view: SimulatorView): string[] {
  return [JSON.stringify(simulatorJson(view))]
}
