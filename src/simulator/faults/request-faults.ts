import { Dice, textKey } from '../random.ts'
import type { FaultLog } from './fault-log.ts'
import { matches, type Occasion } from './matching.ts'
import { type Fault, type FaultPlan, faultsOf } from './plan.ts'
import type { FaultKind } from './schema.ts'

/** A fault that happens, with dice for its details. */
export interface Strike<K extends FaultKind> {
  readonly fault: Fault<K>
  readonly dice: Dice
}

/**
 * Decides what goes wrong with requests. Requests for the same endpoint, symbol and interval are counted, and the dice of
 * a request follow from the seed, that name and that count: the same requests meet the same faults, whatever else is
 * asked for in between.
 */
export class RequestFaults {
  readonly #plan: FaultPlan
  readonly #seed: number
  readonly #log: FaultLog
  readonly #counts = new Map<string, number>()

  constructor(plan: FaultPlan, seed: number, log: FaultLog) {
    this.#plan = plan
    this.#seed = seed
    this.#log = log
  }

  /** The faults of the next request. */
  next(occasion: Occasion): Incident {
    const lane = [occasion.endpoint, occasion.symbol, occasion.interval].join(' ')
    const count = (this.#counts.get(lane) ?? 0) + 1
    this.#counts.set(lane, count)
    return new Incident(this.#plan, occasion, [this.#seed, textKey(lane), count], this.#log)
  }
}

/** What goes wrong with one request. Every entry of the plan has dice of its own, and is asked at most once. */
export class Incident {
  readonly occasion: Occasion
  readonly log: FaultLog
  readonly #plan: FaultPlan
  readonly #key: readonly number[]
  readonly #kinds: FaultKind[] = []

  constructor(plan: FaultPlan, occasion: Occasion, key: readonly number[], log: FaultLog) {
    this.occasion = occasion
    this.log = log
    this.#plan = plan
    this.#key = key
  }

  /** Kinds of what has happened so far. */
  get kinds(): readonly FaultKind[] {
    return this.#kinds
  }

  /** Real milliseconds until the reply is sent. */
  delayMs(): number {
    const delays = this.strikes('latency')
    return delays.reduce(
      (sum, { fault, dice }) => sum + dice.between(fault.min_ms, fault.max_ms),
      0,
    )
  }

  /** What is added to the time that is told. */
  skewMs(): number {
    return this.strikes('clock_skew').reduce((sum, { fault }) => sum + fault.offset_ms, 0)
  }

  /** Every entry of a kind that happens. */
  strikes<K extends FaultKind>(kind: K): readonly Strike<K>[] {
    return faultsOf(this.#plan, kind).flatMap((fault) => this.#strike(fault) ?? [])
  }

  /** The first entry of some kinds that happens; those after it do not. */
  first<K extends FaultKind>(...kinds: readonly K[]): Strike<K> | undefined {
    for (const fault of faultsOf(this.#plan, ...kinds)) {
      const strike = this.#strike(fault)
      if (strike !== undefined) return strike
    }
    return undefined
  }

  #strike<K extends FaultKind>(fault: Fault<K>): Strike<K> | undefined {
    const dice = new Dice([...this.#key, fault.index])
    if (!matches(fault, this.occasion) || !this.log.happens(fault, dice)) return undefined
    this.#kinds.push(fault.kind)
    return { fault, dice }
  }
}
