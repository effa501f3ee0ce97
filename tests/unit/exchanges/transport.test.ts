import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { PlatformError } from '../../../src/core/errors.ts'
import {
  createTransport,
  type TransportOptions,
} from '../../../src/exchanges/transport/create-transport.ts'
import type { GuardedRequest } from '../../../src/exchanges/transport.ts'
import { httpReply, type RawServer, startRawServer } from '../../support/raw-server.ts'

const PACKED = gzipSync('[1,2,3]'.repeat(100))
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const packed =
  (bytes: Uint8Array, { length = bytes.length, coding = 'gzip' } = {}) =>
  (socket: Socket) => {
    const headers = `Content-Encoding: ${coding}\r\nContent-Length: ${length}`
    socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n`)
    socket.end(bytes)
  }

/** How the server behaves, by path. */
const ANSWERS: Readonly<Record<string, (socket: Socket, head: string) => void>> = {
  '/ok': (socket) => socket.write(httpReply('[1]', { headers: { 'X-Used': '7' } })),
  '/echo': (socket, head) => socket.write(httpReply(head)),
  '/teapot': (socket) => socket.write(httpReply('{"code":-1}', { status: '418 I am a teapot' })),
  '/chunked': (socket) => socket.write(`${chunked}3\r\n[1]\r\n0\r\n\r\n`),
  '/chunked-capitals': (socket) =>
    socket.write(`${chunked.replace('chunked', 'Chunked')}3\r\n[1]\r\n0\r\n\r\n`),
  '/packed': packed(PACKED),
  '/packed-capitals': packed(PACKED, { coding: 'GZip' }),
  '/identity-capitals': (socket) =>
    socket.write(httpReply('[1]', { headers: { 'Content-Encoding': 'Identity' } })),
  '/empty': (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  '/redirect': (socket) =>
    socket.write(httpReply('', { status: '302 Found', headers: { Location: other.url } })),
  '/stalled-head': () => {},
  '/stalled-body': (socket) =>
    socket.write(httpReply('[1', { headers: { 'Content-Length': '9' } })),
  '/dripping': (socket) => {
    socket.write(httpReply('', { headers: { 'Content-Length': '100000' } }))
    const timer = setInterval(() => socket.write('x'), 10)
    socket.on('close', () => clearInterval(timer))
  },
  '/short': (socket) => socket.end(httpReply('[1', { headers: { 'Content-Length': '9' } })),
  '/short-chunks': (socket) => socket.end(`${chunked}3\r\n[1]\r\n`),
  '/short-packed': packed(PACKED.subarray(0, -9)),
  '/shorter-packed': packed(PACKED.subarray(0, -9), { length: PACKED.length }),
  '/until-closed': (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n[1]'),
  '/reset': (socket) => socket.resetAndDestroy(),
  '/reset-body': (socket) => {
    socket.write(httpReply('[1', { headers: { 'Content-Length': '9' } }))
    setTimeout(() => socket.resetAndDestroy(), 10)
  },
  '/no-http': (socket) => socket.end('220 smtp.example.com ESMTP\r\n\r\n'),
  '/latin': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n')
    socket.write(new Uint8Array([0xe9]))
  },
  '/brotli': (socket) => socket.write(httpReply('[1]', { headers: { 'Content-Encoding': 'br' } })),
  '/large': (socket) => socket.write(httpReply('x'.repeat(5_000))),
  '/bomb': packed(gzipSync('0'.repeat(100_000))),
}

let server: RawServer
const other = { url: '', requests: [] as string[], close: () => {} }

beforeAll(async () => {
  server = await startRawServer((socket, path, head) =>
    ANSWERS[path.split('?')[0] as string]?.(socket, head),
  )
  const second = await startRawServer((socket) => socket.write(httpReply('stolen')))
  Object.assign(other, { url: `http://${second.host}/`, ...second })
})
afterAll(() => {
  server.close()
  other.close()
})

function transport(options: Partial<TransportOptions> = {}) {
  return createTransport({ exchange: 'venue', hosts: [server.host], timeoutMs: 2_000, ...options })
}

function get(path: string, request?: GuardedRequest, options?: Partial<TransportOptions>) {
  return transport(options).fetch(`http://${server.host}${path}`, request)
}

async function failureOf(reply: Promise<unknown>): Promise<PlatformError> {
  const outcome = await reply.then(
    (value) => value,
    (error: unknown) => error,
  )
  if (outcome instanceof PlatformError) return outcome
  throw new Error(`expected a PlatformError, got ${JSON.stringify(outcome)}`)
}

describe('replies', () => {
  test.each([
    ['/ok', '[1]'],
    ['/chunked', '[1]'],
    ['/chunked-capitals', '[1]'],
    ['/packed', '[1,2,3]'.repeat(100)],
    ['/packed-capitals', '[1,2,3]'.repeat(100)],
    ['/identity-capitals', '[1]'],
    ['/empty', ''],
  ])('returns the whole body of %s', async (path, body) => {
    expect((await get(path)).body).toBe(body)
  })

  test('returns status and headers, also of a refusal', async () => {
    const reply = await get('/teapot')
    expect(reply).toMatchObject({ status: 418, body: '{"code":-1}' })
    expect((await get('/ok')).headers.get('x-used')).toBe('7')
  })

  test('sends method, headers and body', async () => {
    const request = { method: 'POST', headers: { 'X-Key': 'abc' }, body: 'a=1' } as const
    const { body } = await get('/echo', request)
    expect(body).toStartWith('POST /echo')
    expect(body.toLowerCase()).toContain('x-key: abc')
    expect(body).toEndWith('a=1')
  })
})

describe('broken replies', () => {
  test.each([
    ['/short', 'EXCHANGE_UNREACHABLE', 'closed before the reply was complete'],
    ['/short-chunks', 'EXCHANGE_UNREACHABLE', 'closed before the reply was complete'],
    ['/shorter-packed', 'EXCHANGE_UNREACHABLE', 'closed before the reply was complete'],
    ['/reset', 'EXCHANGE_UNREACHABLE', 'closed before the reply was complete'],
    ['/reset-body', 'EXCHANGE_UNREACHABLE', 'closed before the reply was complete'],
    ['/short-packed', 'EXCHANGE_REPLY', 'damaged or cut short'],
    ['/until-closed', 'EXCHANGE_REPLY', 'may be cut short'],
    ['/no-http', 'EXCHANGE_REPLY', 'not HTTP'],
    ['/latin', 'EXCHANGE_REPLY', 'not text in UTF-8'],
    ['/brotli', 'EXCHANGE_REPLY', 'packed as br'],
  ])('reports %s as %s', async (path, code, words) => {
    const error = await failureOf(get(path))
    expect(error).toMatchObject({ name: 'ConnectivityError', code, exitCode: 5 })
    expect(error.message).toContain(words)
    expect(error.message).toStartWith(`exchange 'venue': GET http://${server.host}${path}: `)
  })

  test.each(['/large', '/bomb'])('gives up on %s at the size bound', async (path) => {
    const error = await failureOf(get(path, {}, { bodyBytesMax: 4_000 }))
    expect(error.code).toBe('EXCHANGE_REPLY')
    expect(error.message).toContain('larger than 4000 bytes')
  })

  test('reports a refused connection', async () => {
    const closed = await startRawServer(() => {})
    closed.close()
    const refused = createTransport({ exchange: 'venue', hosts: [closed.host] })
    const error = await failureOf(refused.fetch(`http://${closed.host}/`))
    expect(error).toMatchObject({
      code: 'EXCHANGE_UNREACHABLE',
      context: { cause: 'ECONNREFUSED' },
    })
  })

  test('names no query in a message, since it may hold a signature', async () => {
    for (const path of ['/reset', '/no-http', '/short-packed', '/stalled-head']) {
      const error = await failureOf(get(`${path}?signature=canary`, { timeoutMs: 100 }))
      expect(Bun.inspect(error)).not.toContain('canary')
      expect(JSON.stringify(error.context)).not.toContain('canary')
    }
  })
})

describe('time', () => {
  test.each(['/stalled-head', '/stalled-body', '/dripping'])(
    'ends %s at the deadline of the request',
    async (path) => {
      const started = performance.now()
      const error = await failureOf(get(path, { timeoutMs: 150 }))
      const elapsed = performance.now() - started
      expect(error).toMatchObject({ code: 'EXCHANGE_TIMEOUT', context: { timeoutMs: 150 } })
      expect(elapsed).toBeWithin(145, 1_500)
    },
  )

  test('uses the deadline of the transport when a request names none', async () => {
    const error = await failureOf(get('/stalled-body', {}, { timeoutMs: 120 }))
    expect(error).toMatchObject({ code: 'EXCHANGE_TIMEOUT', context: { timeoutMs: 120 } })
  })

  test('throws the reason of the signal when it is aborted, before and during a request', async () => {
    const reason = new Error('enough')
    expect(get('/ok', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    for (const path of ['/stalled-head', '/stalled-body']) {
      const controller = new AbortController()
      setTimeout(() => controller.abort(reason), 30)
      expect(await get(path, { signal: controller.signal }).catch((it) => it)).toBe(reason)
    }
  })
})

describe('hosts', () => {
  test.each([
    ['another host', 'https://api.binance.com/api/v3/time'],
    ['another port', 'https://data-api.binance.vision:8443/'],
    ['a subdomain', 'https://evil.data-api.binance.vision/'],
    ['a host that ends alike', 'https://xdata-api.binance.vision/'],
    ['the name in front of an @', 'https://data-api.binance.vision@example.com/'],
    ['credentials', 'https://me:secret@data-api.binance.vision/'],
    ['plain http', 'http://data-api.binance.vision/'],
    ['plain http on the port of https', 'http://data-api.binance.vision:443/'],
    ['another scheme', 'file:///etc/passwd'],
    ['a websocket', 'wss://data-api.binance.vision/'],
    ['no URL', 'data-api.binance.vision/api'],
  ])('refuses %s without naming secrets', async (_, url) => {
    const { fetch } = createTransport({ exchange: 'venue', hosts: ['data-api.binance.vision'] })
    const error = await failureOf(fetch(url))
    expect(error).toMatchObject({ name: 'RiskRefusal', code: 'HOST_REFUSED', exitCode: 6 })
    expect(error.message).not.toContain('secret')
  })

  test('refuses another port of this machine before anything is sent', async () => {
    const error = await failureOf(transport().fetch(other.url))
    expect(error.code).toBe('HOST_REFUSED')
    expect(other.requests).toEqual([])
  })

  test('does not follow a redirect', async () => {
    const error = await failureOf(get('/redirect'))
    expect(error.code).toBe('EXCHANGE_REPLY')
    expect(error.message).toContain('redirects to 127.0.0.1')
    expect(other.requests).toEqual([])
  })

  test.each([
    ['wss://stream.example.com/', 'wss://other.example.com/'],
    ['wss://stream.example.com:9443/', 'wss://stream.example.com/'],
    ['wss://stream.example.com/', 'ws://stream.example.com/'],
    ['wss://stream.example.com/', 'https://stream.example.com/'],
  ])('opens sockets to %s only, not to %s', (allowed, asked) => {
    const { openSocket } = createTransport({ exchange: 'venue', hosts: [new URL(allowed).host] })
    expect(() => openSocket(asked)).toThrow(expect.objectContaining({ code: 'HOST_REFUSED' }))
  })

  test('opens a socket to an allowed host, and follows no redirect of the handshake', async () => {
    const venue = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch(request, it) {
        if (new URL(request.url).pathname === '/moved') return Response.redirect(other.url)
        return it.upgrade(request) ? undefined : new Response('')
      },
      websocket: { open: (socket) => void socket.send('hello'), message() {} },
    })
    const { openSocket } = transport({ hosts: [`127.0.0.1:${venue.port}`] })
    const socket = openSocket(`ws://127.0.0.1:${venue.port}/stream`)
    const first = await new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data)
    })
    expect(first).toBe('hello')
    socket.close()
    const moved = openSocket(`ws://127.0.0.1:${venue.port}/moved`)
    const code = await new Promise((resolve) => {
      moved.onclose = (event) => resolve(event.code)
    })
    expect(code).toBe(1006)
    expect(other.requests).toEqual([])
    await venue.stop(true)
  })
})
