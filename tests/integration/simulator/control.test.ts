import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { connect as connectTcp } from 'node:net'
import type { Simulator } from '../../../src/simulator/index.ts'
import { temporarySimulators } from '../../support/simulators.ts'

setDefaultTimeout(60_000)

const START = Date.UTC(2024, 5, 1)
const TOKEN = 'a-token-of-this-test'

const { start, connect } = temporarySimulators({ now: START, controlToken: TOKEN })
const uncontrolled = temporarySimulators({ now: START })

const ALLOWED = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }

function ask(simulator: Simulator, path: string, headers: Record<string, string> = ALLOWED) {
  return fetch(`${simulator.url}/sim/${path}`, { headers })
}

function post(
  simulator: Simulator,
  path: string,
  body: object,
  headers: Record<string, string> = ALLOWED,
) {
  const text = JSON.stringify(body)
  return fetch(`${simulator.url}/sim/${path}`, { method: 'POST', headers, body: text })
}

describe('the control interface', () => {
  test('moves the clock', async () => {
    const simulator = await start()
    const now = async (body: object) =>
      (await (await post(simulator, 'advance', body)).json()) as object
    expect(await now({ seconds: 90 })).toEqual({ now: '2024-06-01T00:01:30.000Z' })
    expect(await now({ ms: 5 })).toEqual({ now: '2024-06-01T00:01:30.005Z' })
    expect(await now({ to: '2024-06-02' })).toEqual({ now: '2024-06-02T00:00:00.000Z' })
    for (const wrong of [
      {},
      { to: '2024-05-01' },
      { seconds: -1 },
      { hours: 1 },
      { ms: 1, seconds: 1 },
    ]) {
      expect((await post(simulator, 'advance', wrong)).status).toBe(400)
    }
    expect(simulator.now()).toBe(Date.UTC(2024, 5, 2))
  })

  test.each([{ ms: 1e15 }, { seconds: 1e11 }, { to: '2100-01-01' }])(
    'does not move the clock beyond the years of --now: %j',
    async (body) => {
      const simulator = await start()
      const before = simulator.now()
      const reply = await post(simulator, 'advance', body)
      expect(reply.status).toBe(400)
      expect(await reply.json()).toEqual({
        error: 'simulated time must stay before 2100-01-01T00:00:00Z',
      })
      expect(simulator.now()).toBe(before)
    },
  )

  test.each([
    ['close', 1001],
    ['reset', 1006],
  ])('breaks websockets: %s', async (how, code) => {
    const simulator = await start()
    const client = await connect(simulator, '/ws')
    const reply = await post(simulator, 'close-sockets', { how })
    expect(await reply.json()).toEqual({ closed: 1 })
    expect((await client.closed).code).toBe(code)
  })

  test('counts requests, faults and sockets', async () => {
    const simulator = await start({ faults: [{ kind: 'server_error', endpoints: ['time'] }] })
    await connect(simulator, '/ws/btcusdt@kline_1h')
    await simulator.advance(0)
    for (const path of ['ping', 'ping', 'time', 'nope'])
      await fetch(`${simulator.url}/api/v3/${path}`)
    const stats = await (await ask(simulator, 'stats')).json()
    expect(stats).toMatchObject({
      now: '2024-06-01T00:00:00.000Z',
      speed: 0,
      requests: { ping: { 200: 2 }, time: { 503: 1 }, unknown: { 404: 1 } },
      faults: { server_error: 1 },
      sockets: { open: 1, opened: 1, messages: 0 },
      streams: ['btcusdt@kline_1h'],
    })
    const requests = await (await ask(simulator, 'requests')).json()
    expect(requests).toContainEqual({
      endpoint: 'time',
      query: '',
      status: 503,
      faults: ['server_error'],
      atMs: START,
    })
  })

  test('says what it knows when it is asked for something else', async () => {
    const reply = await ask(await start(), 'nope')
    expect([reply.status, await reply.json()]).toEqual([
      404,
      { error: expect.stringContaining('GET /sim/stats') },
    ])
  })
})

describe('who may reach it', () => {
  const { authorization, 'content-type': type } = ALLOWED
  const DAY = { seconds: 86_400 }

  test.each([
    ['no token', { 'content-type': type }, 401],
    ['another token', { ...ALLOWED, authorization: `Bearer ${TOKEN}x` }, 401],
    ['a token of another scheme', { ...ALLOWED, authorization: `Basic ${TOKEN}` }, 401],
    [
      'a body of text, as a page sends it without asking',
      { authorization, 'content-type': 'text/plain' },
      415,
    ],
    ['a form', { authorization, 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a page from elsewhere', { ...ALLOWED, origin: 'http://evil.example' }, 403],
    [
      'a page that names us in its own name',
      { ...ALLOWED, origin: 'http://localhost.evil.example' },
      403,
    ],
    ['a page without an origin', { ...ALLOWED, origin: 'null' }, 403],
    ['a name that points here', { ...ALLOWED, host: 'evil.example:9001' }, 403],
    ['a name that begins like ours', { ...ALLOWED, host: '127.0.0.1.evil.example' }, 403],
    ['a host with a user', { ...ALLOWED, host: '127.0.0.1@evil.example' }, 403],
  ])('refuses %s', async (_, headers, status) => {
    const simulator = await start()
    const reply = await post(simulator, 'advance', DAY, headers as Record<string, string>)
    expect([reply.status, simulator.now()]).toEqual([status, START])
    expect(await reply.json()).toEqual({ error: expect.any(String) })
    if (status !== 415)
      expect((await ask(simulator, 'stats', headers as Record<string, string>)).status).toBe(status)
  })

  test.each([
    ['localhost', undefined],
    ['LOCALHOST:9001', 'http://localhost:3000'],
    ['127.0.0.1', 'http://127.0.0.1'],
    ['[::1]:80', 'https://[::1]:8443'],
  ])('answers on this machine under %s, for a page of %s', async (host, origin) => {
    const simulator = await start()
    const headers = { ...ALLOWED, host, ...(origin === undefined ? {} : { origin }) }
    expect((await post(simulator, 'advance', DAY, headers)).status).toBe(200)
    expect(simulator.now()).toBe(START + 86_400_000)
  })

  test('is nobody over HTTP where no token was given', async () => {
    const simulator = await uncontrolled.start()
    expect((await ask(simulator, 'stats')).status).toBe(403)
  })

  test.each([
    ['Host: evil.example', '403'],
    ['Host: localhost\r\nOrigin: http://evil.example', '403'],
    ['Host: localhost\r\nOrigin: http://localhost', '101'],
    ['Host: localhost', '101'],
  ])('opens a websocket by its headers: %j', async (lines, status) => {
    expect(await upgrade(await start(), lines)).toStartWith(`HTTP/1.1 ${status}`)
  })

  test('serves no candles to a name that points here', async () => {
    const simulator = await start()
    const ping = (host: string) => fetch(`${simulator.url}/api/v3/ping`, { headers: { host } })
    expect([(await ping('evil.example')).status, (await ping('localhost')).status]).toEqual([
      403, 200,
    ])
  })
})

/** Asks for a websocket with headers of one's own; returns how the answer begins. */
async function upgrade(simulator: Simulator, lines: string): Promise<string> {
  const socket = connectTcp({ host: '127.0.0.1', port: Number(new URL(simulator.url).port) })
  const answer = Promise.withResolvers<string>()
  socket.once('data', (bytes: Buffer) => answer.resolve(bytes.toString('latin1')))
  socket.once('error', answer.reject)
  const head = [
    'GET /ws/btcusdt@kline_1h HTTP/1.1',
    lines,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  try {
    return await answer.promise
  } finally {
    socket.destroy()
  }
}
