import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WeightRequest } from '../../../src/exchanges/budget/request-log.ts'

setDefaultTimeout(60_000)

const TAKER = new URL('./request-taker.ts', import.meta.url).pathname
const PROCESSES = 4
const ROUNDS = 500
/** Nine tenths of the weight are used, so that nine requests of ten fit. */
const REQUEST = {
  weight: 10,
  limits: { requestsPerMinute: 1_000, weightPerMinute: 100 },
  nowMs: Date.UTC(2024, 0, 1),
}
const FITTING = 9

const folder = mkdtempSync(join(tmpdir(), 'log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A process with the log open, which answers one message at a time. */
function startTaker(file: string) {
  let heard = Promise.withResolvers<unknown>()
  const child = Bun.spawn([process.execPath, TAKER, file], {
    ipc: (message) => heard.resolve(message),
  })
  const answer = async () => {
    const died = child.exited.then((code) => `died with ${code}`)
    const said = await Promise.race([heard.promise, died])
    heard = Promise.withResolvers()
    return said
  }
  return {
    ready: answer(),
    ask: (request: WeightRequest) => {
      child.send(request)
      return answer()
    },
    end: () => {
      child.kill()
      return child.exited
    },
  }
}

test('of processes that take all they get at the same time, nobody gets what another one has', async () => {
  const file = join(folder, 'budget.sqlite')
  const takers = Array.from({ length: PROCESSES }, () => startTaker(file))
  try {
    const ready = await Promise.all(takers.map((taker) => taker.ready))
    expect(ready).toEqual(Array(PROCESSES).fill('ready'))
    const totals: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const request = { ...REQUEST, venue: `venue ${round}` }
      const taken = await Promise.all(takers.map((taker) => taker.ask(request)))
      totals.push((taken as number[]).reduce((sum, one) => sum + one, 0))
    }
    expect(totals).toEqual(Array(ROUNDS).fill(FITTING))
  } finally {
    await Promise.all(takers.map((taker) => taker.end()))
  }
})
