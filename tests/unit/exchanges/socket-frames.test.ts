import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Server, ServerWebSocket } from 'bun'
import { type FrameOptions, readFrames } from '../../../src/exchanges/transport/socket-frames.ts'
import { type RawServer, startRawServer } from '../../support/raw-server.ts'
import { startSimulator } from '../../support/simulator.ts'

const QUICK = { where: 'the stream', pingMs: 25, silentPingsMax: 2, pendingMax: 5 }

let server: Server<undefined>
let peer: PromiseWithResolvers<ServerWebSocket<undefined>>
let silent: RawServer

beforeAll(async () => {
  // Accepts connections and never says a word, not even to the handshake.
  silent = await startRawServer(() => {})
  server = Bun.serve<undefined>({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, it) => (it.upgrade(request) ? undefined : new Response('no', { status: 400 })),
    websocket: { sendPings: false, open: (socket) => peer.resolve(socket), message() {} },
  })
})
afterAll(async () => {
  silent.close()
  await server.stop(true)
})

/** Opens a connection and reads from it; `socket` is the server's end. */
async function open(options: Partial<FrameOptions> = {}) {
  peer = Promise.withResolvers()
  const client = new WebSocket(`ws://127.0.0.1:${server.port}`)
  const { signal } = new AbortController()
  const frames = readFrames(client, { ...QUICK, signal, ...options })
  const first = frames.next()
  return { client, frames, first, socket: await peer.promise }
}

/** Resolves when a connection is closed; the test's time-out is its bound. */
async function closed(client: WebSocket): Promise<void> {
  while (client.readyState !== WebSocket.CLOSED) await Bun.sleep(1)
}

describe('readFrames', () => {
  test('hands out every frame in order, also those that came before anybody asked', async () => {
    const { frames, first, socket } = await open()
    for (const text of ['a', 'b', 'c']) socket.send(text)
    await Bun.sleep(20)
    const rest = [await first, await frames.next(), await frames.next()]
    expect(rest.map(({ value }) => value as string)).toEqual(['a', 'b', 'c'])
    await frames.return()
  })

  test('hands out what came before the end, then fails', async () => {
    const { frames, first, socket } = await open()
    socket.send('last words')
    socket.close(1001, 'bye')
    expect((await first).value).toBe('last words')
    await expect(frames.next()).rejects.toMatchObject({
      name: 'ConnectivityError',
      code: 'EXCHANGE_UNREACHABLE',
      message: expect.stringContaining('the stream: the connection was lost'),
    })
  })

  test('lives on as long as the peer answers pings, however quiet it is', async () => {
    const { frames, first, socket } = await open()
    await Bun.sleep(QUICK.pingMs * 8)
    socket.send('still here')
    expect((await first).value).toBe('still here')
    await frames.return()
  })

  test('fails when the connection has died without a word', async () => {
    const simulator = await startSimulator()
    const client = new WebSocket(`${simulator.streamUrl}/stream?streams=btcusdt@kline_1h`)
    const { signal } = new AbortController()
    const frames = readFrames(client, { ...QUICK, signal })
    const first = frames.next()
    while (simulator.stats().streams.length === 0) await Bun.sleep(5)
    const started = performance.now()
    expect(simulator.breakSockets('half_open')).toBe(1)
    await expect(first).rejects.toMatchObject({ code: 'EXCHANGE_TIMEOUT' })
    expect(performance.now() - started).toBeWithin(QUICK.pingMs, QUICK.pingMs * 20)
    await simulator.stop()
  })

  test('fails when the handshake is never answered', async () => {
    const client = new WebSocket(`ws://${silent.host}/`)
    const { signal } = new AbortController()
    const frames = readFrames(client, { ...QUICK, signal })
    await expect(frames.next()).rejects.toMatchObject({ code: 'EXCHANGE_TIMEOUT' })
    await closed(client)
  })

  test('fails when the handshake is refused', async () => {
    const refusing = await startRawServer((socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
    )
    const { signal } = new AbortController()
    const frames = readFrames(new WebSocket(`ws://${refusing.host}/`), { ...QUICK, signal })
    await expect(frames.next()).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' })
    refusing.close()
  })

  test('fails rather than keep more than its bound for a slow reader', async () => {
    const { frames, first, socket } = await open()
    for (let i = 0; i <= QUICK.pendingMax + 1; i++) socket.send(String(i))
    await Bun.sleep(30)
    expect((await first).value).toBe('0')
    const rest: string[] = []
    const drain = async () => {
      for await (const text of frames) rest.push(text)
    }
    await expect(drain()).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' })
    expect(rest.length).toBeLessThanOrEqual(QUICK.pendingMax)
  })

  test('fails on a frame that is not text', async () => {
    const { first, socket } = await open()
    socket.send(new Uint8Array([1, 2]))
    await expect(first).rejects.toMatchObject({ code: 'EXCHANGE_REPLY' })
  })

  test('ends when the signal is aborted, and closes the connection', async () => {
    const stop = new AbortController()
    const { client, first } = await open({ signal: stop.signal })
    stop.abort()
    expect(await first).toEqual({ done: true, value: undefined })
    await closed(client)
  })

  test('closes the connection when its reader stops', async () => {
    const { client, frames, first, socket } = await open()
    socket.send('enough')
    await first
    await frames.return()
    await closed(client)
  })
})
