import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSharedBudget } from '../src/exchanges/budget/shared-budget.ts'
import { type MarketSource, parseFaultPlan, Simulator } from '../src/simulator/index.ts'
import { type BudgetJob, type BudgetReport, fastClock } from './budget-process.ts'
import type { BenchRow } from './rows.ts'

/** A load of real processes on one simulated venue. Time is bounded, and so is the number of requests: by the weight. */
export interface BudgetLoad {
  readonly processes: number
  /** Weight per minute that the venue grants; nine tenths of it are used. */
  readonly weightPerMinute: number
  /** Venue minutes until all stop. */
  readonly minutes: number
  /** Venue seconds per second. */
  readonly speed: number
  /** Ends the first process without a word after a third of the time. */
  readonly killsOne: boolean
}

export interface BudgetOutcome {
  /** By process; undefined for the killed one. */
  readonly reports: readonly (BudgetReport | undefined)[]
  /** Requests by status, as the venue counted them. */
  readonly statuses: Readonly<Record<string, number>>
}

const FULL: BudgetLoad = {
  processes: 4,
  weightPerMinute: 400,
  minutes: 6,
  speed: 30,
  killsOne: false,
}
const QUICK: BudgetLoad = { ...FULL, weightPerMinute: 60, minutes: 2, speed: 60 }

/** How much of the nine tenths has to be used: a budget that never sends is safe too. */
const USED_LEAST = 0.7

/** Four processes under one rate budget, and what a reservation costs. */
export async function measureBudget(quick: boolean): Promise<BenchRow[]> {
  const load = quick ? QUICK : FULL
  const { statuses } = await runBudgetLoad(load)
  const granted = load.weightPerMinute * 0.9 * minutesOf(load)
  const group = 'rate budget'
  return [
    {
      group,
      name: 'requests refused (429)',
      value: statuses['429'] ?? 0,
      unit: 'requests',
      budget: { atMost: 0 },
      note: `${load.processes} processes, ${minutesOf(load)} minutes of the venue, ${statuses['200'] ?? 0} answered`,
    },
    {
      group,
      name: 'weight used',
      value: (statuses['200'] ?? 0) / granted,
      unit: 'of 90 %',
      ...(quick ? {} : { budget: { atLeast: USED_LEAST } }),
    },
    {
      group,
      name: 'reserve and settle',
      value: await reserveSeconds(quick ? 50 : 2_000),
      unit: 'µs',
      note: 'a transaction each, up to 2,000 requests in the last minute',
    },
  ].map((row) => (row.unit === 'µs' ? { ...row, value: row.value * 1e6 } : row))
}

/** Runs the load to its end and returns what became of every request. */
export async function runBudgetLoad(load: BudgetLoad): Promise<BudgetOutcome> {
  const dir = mkdtempSync(join(tmpdir(), 'crypto-budget-'))
  const time = { startMs: Date.now(), speed: load.speed }
  const simulator = await Simulator.start({
    source: NO_CANDLES,
    clock: fastClock(time),
    nowMs: time.startMs,
    speed: 1,
    limits: { weightPerMinute: load.weightPerMinute },
    faults: parseFaultPlan(LATENCY, 'faults'),
  })
  try {
    const job = {
      baseUrl: simulator.url,
      file: join(dir, 'budget.sqlite'),
      weightPerMinute: load.weightPerMinute,
      time,
      parallel: 4,
      untilMs: time.startMs + minutesOf(load) * 60_000,
    }
    const reports = await Promise.all(
      Array.from({ length: load.processes }, (_, i) =>
        runProcess(
          { ...job, seed: i + 1 },
          i === 0 && load.killsOne ? killAfterMs(load) : undefined,
        ),
      ),
    )
    const requests = simulator.stats().requests.time ?? {}
    return { reports, statuses: { ...requests } }
  } finally {
    await simulator.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Starting four processes takes about a second, which is half a minute of the venue's. */
const STARTUP_MINUTES = 1
const minutesOf = ({ minutes }: BudgetLoad) => minutes + STARTUP_MINUTES
const LATENCY = JSON.stringify({ faults: [{ kind: 'latency', max_ms: 20 }] })
const NO_CANDLES: MarketSource = {
  symbols: [],
  storedIntervals: () => [],
  candles: () => Promise.reject(new Error('the load asks for the time only')),
}

function killAfterMs({ minutes, speed }: BudgetLoad): number {
  return ((minutes * 60_000) / speed / 3) | 0
}

async function runProcess(job: BudgetJob, killMs?: number): Promise<BudgetReport | undefined> {
  const file = new URL('./budget-process.ts', import.meta.url).pathname
  const child = Bun.spawn([process.execPath, file, JSON.stringify(job)], { stdout: 'pipe' })
  const timer = killMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killMs)
  const text = await new Response(child.stdout).text()
  const code = await child.exited
  clearTimeout(timer)
  if (killMs !== undefined) return undefined
  if (code !== 0) throw new Error(`a process of the load ended with ${code}`)
  return JSON.parse(text)
}

/** Seconds of one request's bookkeeping. */
async function reserveSeconds(requests: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'crypto-budget-'))
  const budget = createSharedBudget({
    file: join(dir, 'budget.sqlite'),
    venue: 'bench',
    limits: { requestsPerMinute: 1_000_000, weightPerMinute: 1_000_000 },
    clock: fastClock({ startMs: Date.now(), speed: 1 }),
    random: () => 0,
    warn: () => {},
  })
  try {
    const start = performance.now()
    for (let i = 0; i < requests; i++) (await budget.take(1)).settle({ usedWeight: i })
    return (performance.now() - start) / 1000 / requests
  } finally {
    budget.close()
    rmSync(dir, { recursive: true, force: true })
  }
}
