import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { selfSignedCertificate } from '../../support/certificate.ts'
import { httpReply, type RawServer, startRawServer } from '../../support/raw-server.ts'

setDefaultTimeout(30_000)

/** Bun reads the variables when it starts, so each case is a process of its own. */
const CHILD = join(import.meta.dir, 'proxy-child.ts')
const VARIABLES = [
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'all_proxy',
]

let proxy: RawServer
const plain = startVenue({})
const encrypted = startVenue({ tls: tlsOf('localhost') })

beforeAll(async () => {
  proxy = await startRawServer((socket) => socket.end(httpReply('proxy', { status: '502 No' })))
})
afterAll(async () => {
  proxy.close()
  for (const venue of [plain, encrypted]) await venue.stop(true)
})

function tlsOf(name: string) {
  const { certificate, key } = selfSignedCertificate(name)
  return { cert: certificate, key }
}

function startVenue(options: { readonly tls?: ReturnType<typeof tlsOf> }) {
  return Bun.serve({
    ...options,
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, it) => (it.upgrade(request) ? undefined : new Response('venue')),
    websocket: { open: (socket) => void socket.send('venue'), message() {} },
  })
}

/** What a process with the variable gets from an address through the transport. */
async function ask(url: string, variable: string): Promise<string> {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, [variable]: `http://${proxy.host}` }
  const child = Bun.spawn([process.execPath, CHILD, url], { env, stderr: 'inherit' })
  return (await child.stdout.text()).trim()
}

describe.each(VARIABLES)('with %s', (variable) => {
  test('a request or a websocket to this machine reaches it, and no proxy', async () => {
    proxy.requests.length = 0
    for (const scheme of ['http', 'ws']) {
      expect(await ask(`${scheme}://127.0.0.1:${plain.port}/`, variable)).toBe('venue')
    }
    // Bun trusts no certificate of ours: what counts is who was asked.
    await ask(`https://127.0.0.1:${encrypted.port}/`, variable)
    expect(proxy.requests).toEqual([])
  })

  test('nothing is asked of the proxy but to connect to the host of an encrypted request', async () => {
    proxy.requests.length = 0
    for (const scheme of ['http', 'https', 'ws', 'wss']) {
      await ask(`${scheme}://venue.invalid/`, variable)
    }
    const isForHttps = !/^http_/i.test(variable)
    expect(proxy.requests).toEqual(isForHttps ? ['venue.invalid:443'] : [])
  })
})
