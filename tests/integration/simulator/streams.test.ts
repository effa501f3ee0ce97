import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { connect as connectTcp } from 'node:net'
import type { Simulator } from '../../../src/simulator/index.ts'
import { columnsOf } from '../../support/candles.ts'
import { temporarySimulators } from '../../support/simulators.ts'
import { type KlineMessage, StreamClient } from '../../support/stream-client.ts'

setDefaultTimeout(60_000)

const MINUTE = 60_000
const HOUR = 3_600_000
const START = Date.UTC(2024, 5, 1)

const { start, connect } = temporarySimulators({ now: START })

/** Three weeks of minutes, each its own price. */
function minutes(count = 30_000) {
  return columnsOf(
    Array.from({ length: count }, (_, i) => ({
      openTime: START - HOUR + i * MINUTE,
      open: 100 + i,
      high: 103 + i,
      low: 99 + i,
      close: 101 + i,
      volume: 2,
    })),
  )
}

function klines({ messages }: StreamClient): readonly KlineMessage[] {
  return messages.filter(({ e }) => e === 'kline')
}

function closedTimes(client: StreamClient): readonly number[] {
  return klines(client).flatMap(({ k }) => (k.x ? [k.t] : []))
}

describe('a raw stream', () => {
  test('tells how a candle forms, and its end with the values that REST has', async () => {
    const simulator = await start()
    const client = await connect(simulator, '/ws/btcusdt@kline_1h')
    await simulator.advance(HOUR)
    await client.until(({ k }) => k?.x)
    const all = klines(client)
    expect(all.map(({ k }) => k.x)).toEqual([false, false, false, true])
    expect(all.map(({ E }) => (E - START) / HOUR)).toEqual([0.25, 0.5, 0.75, 1])
    const reply = await fetch(
      `${simulator.url}/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime=${START}&limit=1`,
    )
    const [row] = JSON.parse(await reply.text())
    const { e, s, k } = all.at(-1) as KlineMessage
    expect([e, s]).toEqual(['kline', 'BTCUSDT'])
    expect([k.t, k.o, k.h, k.l, k.c, k.v, k.T, k.q, k.n, k.V, k.Q, k.B]).toEqual(row)
    expect([k.s, k.i, k.f, Number(k.L) - Number(k.f) + 1]).toEqual(['BTCUSDT', '1h', k.t, k.n])
  })

  test('tells every two seconds while time goes slowly', async () => {
    const simulator = await start()
    const client = await connect(simulator, '/ws/btcusdt@kline_1h')
    for (let i = 0; i < 5; i++) await simulator.advance(2000)
    await client.until(({ E }) => E === START + 10_000)
    expect(klines(client).map(({ E }) => E - START)).toEqual([2000, 4000, 6000, 8000, 10_000])
  })
})

describe('closed candles come exactly once and in order', () => {
  test('when ten days pass at once', async () => {
    const candles = { BTCUSDT: { '1m': minutes() } }
    const simulator = await start({ candles, limits: { lifeMs: 30 * 24 * HOUR } })
    const client = await connect(simulator, '/ws/btcusdt@kline_1m')
    const count = 10 * 24 * 60
    await simulator.advance(count * MINUTE)
    await client.until(({ k }) => k?.x && k.T === START + count * MINUTE - 1, 30_000)
    expect(closedTimes(client)).toEqual(Array.from({ length: count }, (_, i) => START + i * MINUTE))
    const times = klines(client).map(({ E }) => E)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('to a client that does not read for a while', async () => {
    const candles = { BTCUSDT: { '1m': minutes() } }
    const simulator = await start({ candles, limits: { lifeMs: 30 * 24 * HOUR } })
    const client = await rawClient(simulator)
    client.pause()
    const count = 20 * 24 * 60
    await simulator.advance(count * MINUTE)
    // What the connection cannot take is not made yet, let alone kept.
    expect(simulator.stats().sockets.messages).toBeLessThan(2 * count)
    client.resume()
    while (!client.text().includes(`"T":${START + count * MINUTE - 1},`)) await Bun.sleep(20)
    await simulator.advance(0)
    await Bun.sleep(50)
    const closed = [...client.text().matchAll(/"t":(\d+),"T":[^}]*"x":true/g)]
    expect(closed.map(([, time]) => Number(time))).toEqual(
      Array.from({ length: count }, (_, i) => START + i * MINUTE),
    )
    client.end()
  })

  test('for several streams of one connection, in the order of time', async () => {
    const simulator = await start()
    const path = '/stream?streams=btcusdt@kline_1h/ethusdt@kline_1h/btcusdt@kline_4h'
    const client = await connect(simulator, path)
    await simulator.advance(8 * HOUR)
    await client.until(
      ({ stream, data }) => stream === 'btcusdt@kline_4h' && data?.E === START + 8 * HOUR,
    )
    const closed = (name: string) =>
      client.messages.flatMap(({ stream, data }) => (stream === name && data.k.x ? [data.k.t] : []))
    const hours = Array.from({ length: 8 }, (_, i) => START + i * HOUR)
    expect(closed('btcusdt@kline_1h')).toEqual(hours)
    expect(closed('ethusdt@kline_1h')).toEqual(hours)
    expect(closed('btcusdt@kline_4h')).toEqual([START, START + 4 * HOUR])
    const times = client.messages.map(({ data }) => data.E)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test.each([600, 7200])('when time goes %p times as fast', async (speed) => {
    const simulator = await start({ speed, candles: { BTCUSDT: { '1m': minutes() } } })
    const client = await connect(simulator, '/ws/btcusdt@kline_1m')
    await client.until(({ k }) => k?.x && k.t > START + (speed / 60) * MINUTE)
    const closed = closedTimes(client)
    const first = closed[0] as number
    expect(closed).toEqual(closed.map((_, i) => first + i * MINUTE))
    const updates = Map.groupBy(klines(client), ({ k }) => k.t)
    for (const time of closed.slice(1)) expect(updates.get(time)?.length).toBeGreaterThan(3)
  })

  test('and none where the exchange has a hole', async () => {
    const faults = [{ kind: 'holes', from: '2024-06-01T01:00:00Z', to: '2024-06-01T03:00:00Z' }]
    const simulator = await start({ faults })
    const client = await connect(simulator, '/ws/btcusdt@kline_1h')
    await simulator.advance(5 * HOUR)
    await client.until(({ E }) => E === START + 5 * HOUR)
    expect(closedTimes(client).map((time) => (time - START) / HOUR)).toEqual([0, 3, 4])
  })
})

describe('messages of a client', () => {
  test('subscribe, list and unsubscribe, each with a reply that has its id', async () => {
    const simulator = await start()
    const client = await connect(simulator, '/ws')
    const ask = (id: unknown, method: string, ...params: readonly unknown[]) =>
      client.ask({ id, method, params } as { id: unknown })
    expect(await ask(1, 'SUBSCRIBE', 'btcusdt@kline_1h', 'nope@trade')).toEqual({
      result: null,
      id: 1,
    })
    expect(await ask('two', 'LIST_SUBSCRIPTIONS')).toEqual({
      result: ['btcusdt@kline_1h', 'nope@trade'],
      id: 'two',
    })
    expect(await ask(3, 'UNSUBSCRIBE', 'btcusdt@kline_1h')).toEqual({ result: null, id: 3 })
    await simulator.advance(HOUR)
    expect(await ask(4, 'LIST_SUBSCRIPTIONS')).toEqual({ result: ['nope@trade'], id: 4 })
    expect(klines(client)).toEqual([])
  })

  test('switch the wrapping of events on and off', async () => {
    const simulator = await start()
    const client = await connect(simulator, '/ws/btcusdt@kline_1h')
    expect(
      await client.ask({ id: 1, method: 'GET_PROPERTY', params: ['combined'] } as { id: 1 }),
    ).toEqual({ result: false, id: 1 })
    await client.ask({ id: 2, method: 'SET_PROPERTY', params: ['combined', true] } as { id: 2 })
    await simulator.advance(HOUR / 4)
    const event = await client.until(({ stream }) => stream !== undefined)
    expect(event).toMatchObject({ stream: 'btcusdt@kline_1h', data: { e: 'kline' } })
  })

  test.each([
    ['{', 3, 'Invalid JSON'],
    ['{"id":1}', 2, 'missing field `method`'],
    ['{"method":"SUBSCRIB","id":1}', 2, 'unknown variant `SUBSCRIB`'],
    ['{"method":"SUBSCRIBE","params":["a@trade"]}', 2, 'request ID must be'],
    ['{"method":"SUBSCRIBE","params":"a@trade","id":1}', 2, 'list of stream names'],
    ['{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1, 'expected Boolean'],
    ['{"method":"GET_PROPERTY","params":["colour"],"id":1}', 0, 'Unknown property'],
  ])('%s is refused', async (text, code, words) => {
    const client = await connect(await start(), '/ws')
    client.send(text)
    const { msg } = await client.until((message) => message.code === code)
    expect(msg).toContain(words)
  })

  test('beyond five in a second end the connection', async () => {
    const client = await connect(await start(), '/ws')
    for (let id = 0; id < 20; id++)
      client.send(JSON.stringify({ id, method: 'LIST_SUBSCRIPTIONS' }))
    expect(await client.closed).toEqual({ code: 1008, reason: 'Too many requests' })
  })
})

describe('paths', () => {
  test('of ccxt, /stream/ws/<number>, are raw streams', async () => {
    const simulator = await start()
    const client = await connect(simulator, '/stream/ws/0')
    await client.ask({ id: 1, method: 'SUBSCRIBE', params: ['btcusdt@kline_1h'] } as { id: 1 })
    await simulator.advance(HOUR / 4)
    expect(await client.until(({ e }) => e === 'kline')).toMatchObject({ s: 'BTCUSDT' })
  })

  test('without an upgrade are refused', async () => {
    expect((await fetch(`${(await start()).url}/ws`)).status).toBe(400)
  })

  test('are closed to a client that connects too often', async () => {
    const simulator = await start({ limits: { connectionsPerFiveMinutes: 1 } })
    await connect(simulator, '/ws')
    await expect(StreamClient.open(`${simulator.streamUrl}/ws`)).rejects.toThrow('cannot open')
  })
})

describe('the life of a connection', () => {
  test('goes on while the client answers pings', async () => {
    const limits = { pingMs: 20, pongTimeoutMs: 60, messagesPerSecond: 1000 }
    const simulator = await start({ limits })
    const client = await connect(simulator, '/ws/btcusdt@kline_1h')
    await Bun.sleep(200)
    await simulator.advance(HOUR / 4)
    expect(await client.until(({ e }) => e === 'kline')).toBeDefined()
  })

  test('ends when it does not', async () => {
    const simulator = await start({ limits: { pingMs: 20, pongTimeoutMs: 60 } })
    const startedMs = performance.now()
    await (await rawClient(simulator)).closed
    expect(performance.now() - startedMs).toBeWithin(60, 2000)
    expect(simulator.stats().sockets.open).toBe(0)
  })

  test('is a day of simulated time, with a notice before its end', async () => {
    const simulator = await start()
    const client = await connect(simulator, '/stream?streams=btcusdt@kline_1h')
    await simulator.advance(25 * HOUR)
    expect((await client.closed).code).toBe(1001)
    const [notice] = client.messages.filter(({ stream }) => stream === '!serverShutdown')
    expect(notice.data).toEqual({ e: 'serverShutdown', E: START + 24 * HOUR - 10 * MINUTE })
    const last = client.messages.at(-1)
    expect([last.data.k.x, last.data.E]).toEqual([true, START + 24 * HOUR])
    const before = client.messages[client.messages.indexOf(notice) - 1]
    expect(before.data.E).toBeLessThanOrEqual(notice.data.E)
  })
})

describe('faults', () => {
  test('drop the connection before a closing update', async () => {
    const simulator = await start({ faults: [{ kind: 'socket_drop', max_times: 1 }] })
    const first = await connect(simulator, '/ws/btcusdt@kline_1h')
    await simulator.advance(HOUR)
    expect((await first.closed).code).toBe(1006)
    expect(closedTimes(first)).toEqual([])
    const second = await connect(simulator, '/ws/btcusdt@kline_1h')
    await simulator.advance(HOUR)
    await second.until(({ k }) => k?.x)
    expect(closedTimes(second)).toEqual([START + HOUR])
  })

  test('leave a connection half open: nothing comes, and it is not closed', async () => {
    const simulator = await start({ faults: [{ kind: 'socket_half_open' }] })
    const client = await connect(simulator, '/ws/btcusdt@kline_1h')
    await simulator.advance(3 * HOUR)
    client.send('{"id":1,"method":"LIST_SUBSCRIPTIONS"}')
    const outcome = await Promise.race([client.closed, Bun.sleep(200)])
    expect(outcome).toBeUndefined()
    expect(closedTimes(client)).toEqual([])
    expect(client.messages.some(({ id }) => id === 1)).toBe(false)
  })
})

/** A websocket without a client's manners: it answers no ping, and reads when it is told to. */
async function rawClient(simulator: Simulator) {
  let text = ''
  const closed = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const socket = connectTcp({ host: '127.0.0.1', port: Number(new URL(simulator.url).port) })
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1')
    opened.resolve()
  })
  socket.on('close', () => closed.resolve())
  const head = [
    'GET /ws/btcusdt@kline_1m HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  await opened.promise
  return {
    text: () => text,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroy(),
    closed: closed.promise,
  }
}
