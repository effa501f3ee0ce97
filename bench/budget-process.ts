import type { Clock } from '../src/core/clock.ts'
import { ConnectivityError } from '../src/core/errors.ts'
import binance from '../src/exchanges/binance/index.ts'
import { createSharedBudget } from '../src/exchanges/budget/shared-budget.ts'
import { createTransport } from '../src/exchanges/transport/create-transport.ts'

/**
 * One process that asks a simulated Binance as fast as the shared budget lets it: the job as JSON in the first argument, the
 * report as JSON on stdout.
 */
export interface BudgetJob {
  readonly baseUrl: string
  readonly file: string
  readonly weightPerMinute: number
  readonly time: FastTime
  /** Requests under way at once. */
  readonly parallel: number
  /** When to stop, in the fast time. */
  readonly untilMs: number
  readonly seed: number
}

/** Time that passes `speed` times as fast from `startMs` (epoch) on, so that minutes pass in seconds. */
export interface FastTime {
  readonly startMs: number
  readonly speed: number
}

export interface BudgetReport {
  readonly answered: number
  /** Answers that said too much had been sent. */
  readonly refused: number
}

export function fastClock({ startMs, speed }: FastTime): Clock {
  return {
    now: () => startMs + (Date.now() - startMs) * speed,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const stop = () => reject(signal?.reason)
      const timer = setTimeout(resolve, ms / speed)
      signal?.addEventListener('abort', stop)
      try {
        await promise
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
      }
    },
  }
}

/** Returns numbers in [0, 1) that follow from the seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

async function runJob(job: BudgetJob): Promise<BudgetReport> {
  const { baseUrl, file, weightPerMinute, time, parallel, untilMs, seed } = job
  const clock = fastClock(time)
  const host = new URL(baseUrl).host
  const settings = { name: 'bench', testnet: false, baseUrl, rateLimit: 1_000_000, options: {} }
  const warn = (message: string) => void process.stderr.write(`${message}\n`)
  const budget = createSharedBudget({
    file,
    venue: host,
    limits: { requestsPerMinute: 1_000_000, weightPerMinute },
    clock,
    random: generator(seed),
    warn,
  })
  const transport = createTransport({ exchange: 'bench', hosts: [host] })
  const exchange = await binance.connect(
    settings,
    { ...transport, budget, clock, warn },
    'market_data',
  )
  const report = { answered: 0, refused: 0 }
  const stop = new AbortController()
  void clock.sleep(untilMs - clock.now()).then(() => stop.abort())
  const ask = async () => {
    while (!stop.signal.aborted) {
      try {
        await exchange.serverTime(stop.signal)
        report.answered++
      } catch (error) {
        if (error instanceof ConnectivityError && error.code === 'RATE_LIMITED') report.refused++
        else if (!stop.signal.aborted) throw error
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, ask))
  await exchange.close()
  budget.close()
  return report
}

if (import.meta.main) {
  process.stdout.write(JSON.stringify(await runJob(JSON.parse(process.argv[2] ?? '{}'))))
}
