import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { getEventListeners } from 'node:events'
import { systemClock } from '../../src/cli/system-clock.ts'
import { createSharedBudget } from '../../src/exchanges/budget/shared-budget.ts'
import { SharedCall } from '../../src/exchanges/ccxt/shared-call.ts'
import { untilAborted } from '../../src/exchanges/ccxt/until-aborted.ts'
import { ConnectionEnd } from '../../src/exchanges/connection-end.ts'
import { createTransport } from '../../src/exchanges/transport/create-transport.ts'
import { readFrames } from '../../src/exchanges/transport/socket-frames.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { httpReply, type RawServer, startRawServer } from '../support/raw-server.ts'

/** How many pieces of work share a signal. */
const COUNT = 20

const listenersOn = (signal: AbortSignal) => getEventListeners(signal, 'abort').length
const failing = async () => {
  throw new Error('it failed')
}

let server: RawServer
const end = new ConnectionEnd('venue')
const newBudget = () =>
  createSharedBudget({
    file: ':memory:',
    venue: 'venue',
    limits: { requestsPerMinute: 1_000 },
    clock: new ManualClock(0),
    random: () => 0,
    warn: () => {},
  })
const budget = newBudget()
const banned = newBudget()

beforeAll(async () => {
  server = await startRawServer((socket, path) => {
    if (path === '/ok') socket.write(httpReply('[1]'))
    else socket.resetAndDestroy()
  })
  ;(await banned.take(1)).settle({ retryAfterMs: 3_600_000 })
})
afterAll(() => {
  server.close()
  budget.close()
  banned.close()
})

function get(path: string, signal: AbortSignal): Promise<unknown> {
  const { fetch } = createTransport({ exchange: 'venue', hosts: [server.host] })
  return fetch(`http://${server.host}${path}`, { signal })
}

async function readAll(signal: AbortSignal): Promise<void> {
  const options = { where: 'the stream', pingMs: 60_000, silentPingsMax: 2, pendingMax: 5, signal }
  for await (const _ of readFrames(new WebSocket(`ws://${server.host}/`), options));
}

/** What waits for a signal, and how that ends without it. */
const WORK: readonly (readonly [string, string, (signal: AbortSignal) => Promise<unknown>])[] = [
  ['a request of a connection', 'well', (signal) => end.run(signal, async () => 1)],
  ['a request of a connection', 'badly', (signal) => end.run(signal, failing)],
  ['a permit', 'well', (signal) => budget.take(1, signal)],
  ['a permit', 'badly', (signal) => banned.take(1, signal)],
  ['a request', 'well', (signal) => get('/ok', signal)],
  ['a request', 'badly', (signal) => get('/reset', signal)],
  ['a call of many', 'well', (signal) => new SharedCall(async () => 1).wait(signal)],
  ['a call of many', 'badly', (signal) => new SharedCall(failing).wait(signal)],
  ['work that knows no signal', 'well', (signal) => untilAborted(Promise.resolve(1), signal)],
  ['work that knows no signal', 'badly', (signal) => untilAborted(failing(), signal)],
  ['a sleep', 'well', (signal) => systemClock(Date.now).sleep(1, signal)],
  ['a stream', 'badly', readAll],
]

describe('a signal that outlives what it could end', () => {
  test.each(WORK)('has no listener of %s that ended %s', async (_, outcome, begin) => {
    const { signal } = new AbortController()
    const under = Array.from({ length: COUNT }, () => begin(signal))
    expect(listenersOn(signal)).toBe(COUNT)
    const statuses = (await Promise.allSettled(under)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([outcome === 'well' ? 'fulfilled' : 'rejected']))
    expect(listenersOn(signal)).toBe(0)
  })

  test('is the end of a connection, too', async () => {
    const requests = Array.from({ length: COUNT }, () => end.run(undefined, async () => 1))
    expect(listenersOn(end.signal)).toBe(COUNT)
    await Promise.all(requests)
    expect(listenersOn(end.signal)).toBe(0)
  })
})
