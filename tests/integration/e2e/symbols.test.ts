import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { crypto, documentOf, makeProject, type RunResult } from './crypto.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)

/** Two days of hourly candles. */
const rows = Array.from({ length: 48 }, (_, hour) => {
  const price = 100 + (hour % 7)
  return `${Date.UTC(2024, 0, 1, hour)},${price},${price + 2},${price - 2},${price + 1},5`
})
project.write('candles.csv', ['open_time,open,high,low,close,volume', ...rows].join('\n'))
project.write('config/exchanges.yaml', 'exchanges: { bitfinex: {} }\n')

const SYMBOLS = ['币安人生USDT', '1000SHIBUSDT', 'BTC/USDT:USDT', 'éUSDT']
/** As another keyboard may type it: e and an accent. */
const TYPED = 'éUSDT'.normalize('NFD')
project.write(
  'config/strategies.yaml',
  'strategies: { s: { type: sma_crossover, params: { fast_period: 2, slow_period: 3 }, symbols: [BTCUSDT], interval: 1h } }\n',
)
project.write('config/sweeps.yaml', 'sweeps: {}\n')
project.write(
  'config/backtests.yaml',
  `backtests: { b: { strategies: [s], exchange: bitfinex, symbols: ${JSON.stringify([...SYMBOLS.slice(0, 3), TYPED])}, start: 2024-01-01, end: 2024-01-03 } }\n`,
)
project.write('config/settings.yaml', 'default_exchange: bitfinex\n')

const run = (...words: string[]) => crypto(words, { cwd: project.dir })
const IMPORT = ['data', 'import', 'candles.csv', '--exchange', 'bitfinex', '--interval', '1h']

test('symbols of any letters are imported, listed, backtested and exported on an exchange without an adapter', async () => {
  for (const symbol of [...SYMBOLS.slice(0, 3), TYPED]) {
    const { code, err } = await run(...IMPORT, '--symbol', symbol)
    expect([symbol, code, err]).toEqual([symbol, 0, expect.not.stringContaining('warning')])
  }
  const { result } = documentOf<{ readonly series: readonly { readonly symbol: string }[] }>(
    await run('data', 'list', '--json'),
  )
  const stored = result.series.map(({ symbol }) => symbol)
  for (const symbol of SYMBOLS) expect(stored).toContain(symbol)
  const words = ['backtest', 'run', 'b', '--trades', 'out/t.csv', '--json']
  const { result: runs } = documentOf<RunResult>(await run(...words))
  expect(runs.rows.map(({ symbol }) => symbol)).toEqual(SYMBOLS)
  expect(existsSync(project.path('out/t.b.s.BTC%2FUSDT%3AUSDT.csv'))).toBeTrue()
})

test('wide letters keep the columns of a table in line', async () => {
  const { out } = await run('data', 'list')
  const lines = out.split('\n').filter((line) => line.includes('bitfinex'))
  const ends = lines.map((line) => Bun.stringWidth(line.slice(0, line.indexOf(' 1h '))))
  expect(lines.length).toBe(SYMBOLS.length)
  expect(
    new Set(ends.map((_, i) => Bun.stringWidth(lines[i]!.slice(0, lines[i]!.indexOf('1h'))))).size,
  ).toBe(1)
})

test('ingest says that there is nothing to fetch from', async () => {
  const { code, err } = await run(
    'ingest',
    '--symbol',
    'BTCUSDT',
    '--interval',
    '1h',
    '--days',
    '2',
  )
  expect(code).toBe(2)
  expect(err.replace(/\s+/g, ' ')).toContain("exchange 'bitfinex' has no adapter in exchanges.yaml")
})

test('a symbol in other letters than the stored one is refused', async () => {
  const { code, err } = await run(...IMPORT, '--symbol', '1000shibusdt')
  expect(code).toBe(3)
  expect(err.replace(/\s+/g, ' ')).toContain("the lake holds '1000SHIBUSDT'")
})

test('the simulator leaves out what Binance could not name', async () => {
  const { code, err } = await run('sim', '--exchange', 'bitfinex', '--symbol', 'BTC/USDT:USDT')
  expect(code).toBe(3)
  expect(err).toContain("cannot serve 'BTC/USDT:USDT'")
})
