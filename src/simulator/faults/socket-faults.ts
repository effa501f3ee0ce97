import { Dice, textKey } from '../random.ts'
import type { FaultLog } from './fault-log.ts'
import { matches } from './matching.ts'
import { type FaultPlan, faultsOf } from './plan.ts'

/** A candle's closing update on its way to one connection. */
export interface Closing {
  /** Number of the connection, counted from 1 in the order in which they were opened. */
  readonly connection: number
  readonly symbol: string
  readonly interval: string
  readonly openTime: number
  /** Simulated time. */
  readonly nowMs: number
}

/** Decides which connections break before a closing update gets through. */
export class SocketFaults {
  readonly #plan: FaultPlan
  readonly #seed: number
  readonly #log: FaultLog

  constructor(plan: FaultPlan, seed: number, log: FaultLog) {
    this.#plan = plan
    this.#seed = seed
    this.#log = log
  }

  strike(closing: Closing): 'socket_drop' | 'socket_half_open' | undefined {
    const { connection, symbol, interval, openTime } = closing
    const key = [this.#seed, connection, textKey(symbol), textKey(interval), openTime]
    for (const fault of faultsOf(this.#plan, 'socket_drop', 'socket_half_open')) {
      const dice = new Dice([...key, fault.index])
      if (matches(fault, closing) && this.#log.happens(fault, dice)) return fault.kind
    }
    return undefined
  }
}
