import { systemClock } from '../../src/cli/connect/system-clock.ts'
import { createSharedBudget } from '../../src/exchanges/budget/shared-budget.ts'

/**
 * One of several processes that share a rate budget: sends requests to a venue on this machine until a deadline, as fast as
 * the budget lets it, and prints how many were answered with which status.
 *
 *     bun budget-process.ts FILE URL WEIGHT_PER_MINUTE MILLISECONDS
 */
const [file = '', url = '', limit = '0', ms = '0'] = process.argv.slice(2)
const clock = systemClock(Date.now)
const budget = createSharedBudget({
  file,
  venue: new URL(url).host,
  limits: { requestsPerMinute: 1_000_000, weightPerMinute: Number(limit) },
  clock,
  random: Math.random,
})
const stop = AbortSignal.timeout(Number(ms))
const statuses: Record<number, number> = {}

async function send(): Promise<void> {
  const permit = await budget.take(2, stop)
  const reply = await fetch(`${url}/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=1`)
  await reply.arrayBuffer()
  permit.settle({ usedWeight: Number(reply.headers.get('x-mbx-used-weight-1m') ?? 0) })
  statuses[reply.status] = (statuses[reply.status] ?? 0) + 1
}

const lane = async () => {
  while (!stop.aborted) await send()
}
await Promise.all(Array.from({ length: 4 }, () => lane().catch(() => {})))
budget.close()
console.log(JSON.stringify(statuses))
