import type { Fault } from './plan.ts'

/** What a fault may be limited to. */
export interface Occasion {
  readonly endpoint?: string | undefined
  readonly symbol?: string | undefined
  readonly interval?: string | undefined
  /** Simulated time. */
  readonly nowMs: number
}

/** Whether an entry is meant for an occasion, apart from its probability. */
export function matches(fault: Fault, { endpoint, symbol, interval, nowMs }: Occasion): boolean {
  return (
    fault.fromMs <= nowMs &&
    nowMs < fault.toMs &&
    isListed('endpoints' in fault ? fault.endpoints : undefined, endpoint) &&
    isListed('symbols' in fault ? fault.symbols : undefined, symbol) &&
    isListed('intervals' in fault ? fault.intervals : undefined, interval)
  )
}

function isListed(list: readonly string[] | undefined, name: string | undefined): boolean {
  return list === undefined || (name !== undefined && list.includes(name))
}
