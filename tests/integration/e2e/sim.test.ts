import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SIM_PORT } from '../../../src/cli/commands/sim.ts'
import { StreamClient } from '../../support/stream-client.ts'
import { crypto, type ErrorDocument, makeProject, ROOT } from './crypto.ts'

setDefaultTimeout(60_000)

const project = makeProject({
  'faults.yaml': [
    'faults:',
    '  - { kind: server_error, endpoints: [ping], status: 502 }',
    '  - { kind: latency, max_ms: 1 }',
  ].join('\n'),
  'bad.yaml': 'faults:\n  - { kind: latency, max_ms: -1 }\n  - { kind: storm }\n',
})
afterAll(() => project.remove())

interface Ready {
  readonly rest: string
  readonly stream: string
  readonly control: string
  readonly control_token: string
  readonly now: string
  readonly seed: number
  readonly symbols: readonly string[]
}

/** Starts `crypto sim` in a process of its own and waits for its line. */
async function startSim(...words: readonly string[]) {
  const child = Bun.spawn([process.execPath, 'run', 'crypto', 'sim', ...words], {
    cwd: project.dir,
    env: { ...process.env, LANG: 'C.UTF-8', NO_COLOR: '1' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const err = child.stderr.text()
  let out = ''
  const ready = Promise.withResolvers<string>()
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of child.stdout) {
      out += decoder.decode(chunk, { stream: true })
      if (out.includes('\n')) ready.resolve(out)
    }
    ready.reject(new Error(`ended without a line: ${await err}`))
  })()
  const line = await ready.promise
  return {
    line,
    child,
    async end(signal: 'SIGTERM' | 'SIGINT') {
      child.kill(signal)
      const code = await child.exited
      await reading
      return { code, out, err: await err }
    },
  }
}

const FREE = ['--now', '2024-06-01', '--port', '0']

describe('crypto sim', () => {
  test('serves REST and streams when its one line is there, and is gone after SIGTERM', async () => {
    const sim = await startSim(...FREE, '--speed', '3600', '--symbol', 'BTCUSDT,ETHUSDT')
    const ready: Ready = JSON.parse(sim.line)
    expect(ready).toMatchObject({
      now: '2024-06-01T00:00:00Z',
      seed: 0,
      symbols: ['BTCUSDT', 'ETHUSDT'],
      control: `${ready.rest}/sim`,
    })
    const reply = await fetch(`${ready.rest}/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=5`)
    expect(JSON.parse(await reply.text())).toHaveLength(5)
    const client = await StreamClient.open(`${ready.stream}/ws/ethusdt@kline_1h`)
    expect(await client.until(({ k }) => k?.x)).toMatchObject({ s: 'ETHUSDT' })
    const headers = { authorization: `Bearer ${ready.control_token}` }
    const stats = JSON.parse(await (await fetch(`${ready.control}/stats`, { headers })).text())
    expect(stats).toMatchObject({ speed: 3600, requests: { klines: { 200: 1 } } })

    const { code, out } = await sim.end('SIGTERM')
    expect([code, out]).toEqual([0, sim.line])
    await client.closed
    expect(await fetch(ready.rest).catch(() => 'refused')).toBe('refused')
  })

  test('ends with 0 at Ctrl-C, and its document said so before', async () => {
    const sim = await startSim('--port', '0', '--json')
    const { schema, ok, result } = JSON.parse(sim.line)
    expect([schema, ok]).toEqual(['crypto/sim@1', true])
    expect(result).toMatchObject({
      now: '2024-12-02T00:00:00Z',
      end_time: '2025-01-01T00:00:00Z',
      symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
    })
    expect((await sim.end('SIGINT')).code).toBe(0)
  })

  test('injects the faults of a plan', async () => {
    const sim = await startSim(...FREE, '--faults', 'faults.yaml', '--seed', '1')
    const { rest, seed }: Ready = JSON.parse(sim.line)
    const statuses = [
      (await fetch(`${rest}/api/v3/ping`)).status,
      (await fetch(`${rest}/api/v3/time`)).status,
    ]
    expect([seed, statuses]).toEqual([1, [502, 200]])
    await sim.end('SIGTERM')
  })

  test('says that its port is taken', async () => {
    const sim = await startSim(...FREE)
    const { rest }: Ready = JSON.parse(sim.line)
    const port = new URL(rest).port
    const second = await crypto(['sim', '--now', '2024-06-01', '--port', port, '--json'])
    const { error }: ErrorDocument = JSON.parse(second.out)
    expect([second.code, error.code]).toEqual([1, 'PORT_IN_USE'])
    expect(error.message).toContain(`port ${port} of 127.0.0.1 is in use`)
    await sim.end('SIGTERM')
  })

  test.each([
    [['--symbol', 'BTCUSD'], 3, "Did you mean 'BTCUSDT'?"],
    [['--exchange', 'kraken'], 3, "no candles of exchange 'kraken' are stored"],
    [['--now', '2020-01-01'], 3, 'nothing has traded by then'],
    [['--host', '0.0.0.0'], 6, 'listens on this machine only'],
    [['--faults', 'none.yaml'], 2, '--faults none.yaml cannot be read'],
    [['--faults', 'bad.yaml'], 2, 'bad.yaml:2:30 error faults.0.max_ms'],
    [['--faults', 'bad.yaml'], 2, 'bad.yaml:3:13 error faults.1.kind'],
  ])('refuses %j', async (words, code, reason) => {
    const finished = await crypto(['sim', ...FREE, ...words], { cwd: project.dir })
    expect(finished.err.replace(/\s+/g, ' ')).toContain(reason)
    expect([finished.code, finished.out]).toEqual([code, ''])
  })

  test('warns of symbols that only the fault plan has', async () => {
    project.write('stranger.yaml', 'faults: [{ kind: reset, symbols: [ETHUSD] }]')
    const sim = await startSim(...FREE, '--faults', 'stranger.yaml')
    const { err } = await sim.end('SIGTERM')
    expect(err).toContain('the fault plan names ETHUSD')
  })
})

test('the shipped configuration points at the port that it takes by default', () => {
  const shipped = readFileSync(join(ROOT, 'config', 'exchanges.yaml'), 'utf8')
  expect(shipped).toContain(`SIM_URL:http://127.0.0.1:${SIM_PORT}}`)
})
