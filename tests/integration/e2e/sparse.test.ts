import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { documentOf, type ErrorDocument, makeProject } from './crypto.ts'
import { cryptoInside, type InsideOptions } from './crypto-inside.ts'

setDefaultTimeout(60_000)

const MINUTE = 60_000
const START = Date.UTC(2024, 0, 1)
const DAYS = 21
/** A venue that omits minutes without a trade: one in 97, so that each hour may be whole and no day is. */
const traded = Array.from({ length: DAYS * 1440 }, (_, minute) => minute).filter(
  (minute) => minute % 97 !== 5,
)

const exchanges = (sparse: string) =>
  `exchanges:\n  quiet: { adapter: binance${sparse} }\n  binance: { adapter: binance }\n`
const backtests =
  'backtests:\n  daily: { strategies: [daily], exchange: quiet, start: 2024-01-01, end: 2024-01-22 }\n'
const project = makeProject({
  'config/sweeps.yaml': 'sweeps: {}\n',
  'config/exchanges.yaml': exchanges(''),
  'config/backtests.yaml': backtests,
  'config/strategies.yaml':
    'strategies:\n  daily: { type: sma_crossover, params: { fast_period: 2, slow_period: 3 }, symbols: [QUIET], interval: 1d }\n',
})
afterAll(project.remove)

const SERIES = ['--exchange', 'quiet', '--symbol', 'QUIET']

function run(words: readonly string[], options: InsideOptions = {}) {
  return cryptoInside([...words, '--json'], { cwd: project.dir, ...options })
}

async function exported(interval: string) {
  const file = `${interval}.csv`
  const words = ['data', 'export', ...SERIES, '--interval', interval, '--output', file]
  const document = documentOf<{ sparse: boolean; incomplete: number }>(await run(words))
  const rows = readFileSync(project.path(file), 'utf8').trim().split('\n').slice(1)
  const { sparse, incomplete } = document.result
  return { sparse, incomplete, rows: rows.map((row) => row.split(',')) }
}

describe('candles of a venue that omits minutes without a trade', () => {
  test('name the cause where every candle of the interval lacks a minute', async () => {
    const rows = traded.map((minute) => `${START + minute * MINUTE},1,2,0.5,${1 + minute / 1e6},1`)
    writeFileSync(
      project.path('m.csv'),
      `open_time,open,high,low,close,volume\n${rows.join('\n')}\n`,
    )
    expect((await run(['data', 'import', 'm.csv', ...SERIES, '--interval', '1m'])).code).toBe(0)

    for (const words of [
      ['data', 'export', ...SERIES, '--interval', '1d', '--output', 'x.csv'],
      ['backtest', 'run', 'daily'],
    ]) {
      const refused = await run(words)
      const { error } = JSON.parse(refused.out) as ErrorDocument
      expect([refused.code, error.code]).toEqual([3, 'DATA_INCOMPLETE'])
      expect(error.message).toContain(
        'Candles of 1m are stored for 21 of 1d, and each lacks at least one of its 1,440',
      )
      expect(error.message).toContain('write sparse: true below exchanges.quiet')
    }
    const hours = await exported('1h')
    expect([hours.sparse, hours.rows.length + hours.incomplete]).toEqual([false, DAYS * 24])
    expect(hours.incomplete).toBeGreaterThan(250)
  })

  test('are built from what exists where the exchange is sparse, and every report says so', async () => {
    project.write('config/exchanges.yaml', exchanges(', sparse: true'))
    const days = await exported('1d')
    expect([days.sparse, days.incomplete, days.rows.length]).toEqual([true, 0, DAYS])
    const ofDay = (day: number) => traded.filter((minute) => Math.floor(minute / 1440) === day)
    const last = (minutes: readonly number[]) => 1 + (minutes.at(-1) as number) / 1e6
    expect(days.rows.map((cells) => [Number(cells[4]), Number(cells[5])])).toEqual(
      Array.from({ length: DAYS }, (_, day) => [last(ofDay(day)), ofDay(day).length]),
    )
    const json = await run(['backtest', 'run', 'daily'])
    expect(json.out).toContain('"resampled_from":"1m","sparse":true')
    const { out } = await cryptoInside(['backtest', 'run', 'daily'], { cwd: project.dir })
    expect(out).toContain('built from 1m as far as it exists (sparse)')
  })
})
