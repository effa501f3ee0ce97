import type { Dice } from '../random.ts'
import type { Fault } from './plan.ts'

/** What the faults of a plan have to remember. */
export class FaultLog {
  readonly #onFault: (kind: string) => void
  /** By entry: how often it has happened, and how many requests its burst still has to refuse. */
  readonly #times = new Map<number, number>()
  readonly #bursts = new Map<number, number>()
  readonly #touched = new Set<string>()

  /** @param onFault called for everything that happens */
  constructor(onFault: (kind: string) => void = () => {}) {
    this.#onFault = onFault
  }

  /** Decides whether an entry happens on an occasion that it is meant for, and counts it. */
  happens(fault: Fault, dice: Dice): boolean {
    const isMore = this.#continuesBurst(fault)
    if (!isMore && !(dice.chance(fault.probability) && this.#isAllowed(fault))) return false
    if (!isMore) this.#begin(fault)
    this.#onFault(fault.kind)
    return true
  }

  /** True once for each entry and candle: what was left out or spoiled comes right when it is asked for again. */
  touches(fault: Fault, candle: string): boolean {
    const key = `${fault.index} ${candle}`
    if (this.#touched.has(key)) return false
    this.#touched.add(key)
    return true
  }

  #isAllowed(fault: Fault): boolean {
    const most = 'max_times' in fault ? fault.max_times : undefined
    return most === undefined || (this.#times.get(fault.index) ?? 0) < most
  }

  #begin(fault: Fault): void {
    this.#times.set(fault.index, (this.#times.get(fault.index) ?? 0) + 1)
    if (fault.kind === 'rate_limited') this.#bursts.set(fault.index, fault.requests - 1)
  }

  #continuesBurst({ index }: Fault): boolean {
    const left = this.#bursts.get(index) ?? 0
    if (left > 0) this.#bursts.set(index, left - 1)
    return left > 0
  }
}
