import { describe, expect, test } from 'bun:test'
import type { App } from '../../../src/app/app.ts'
import type { IngestUseCases } from '../../../src/app/ingest.ts'
import { ConnectivityError } from '../../../src/core/errors.ts'
import { INGEST_FAILED, INGESTED, ingestProgress } from '../report/ingest-fixtures.ts'
import { crypto, fakeApp } from './harness.ts'

const COMMAND = 'ingest --symbol BTCUSDT,ETHUSDT --interval 1h'
const AWAY = new ConnectivityError('EXCHANGE_UNREACHABLE', 'api.example.com refused.')

/** The command over a service of which some methods answer otherwise. */
function cryptoWith(line: string, changes: Partial<IngestUseCases>) {
  const plain = fakeApp()
  const app: Partial<App> = {
    ingest: async () => ({ ...(await (await plain.create({} as never)).ingest()), ...changes }),
  }
  return crypto(line, { app: fakeApp(app) })
}

describe('what is asked for', () => {
  test('several symbols, in one list or several, each once', async () => {
    const { app } = await crypto(`${COMMAND} --symbol BTCUSDT SOLUSDT --days 30`)
    expect(app.requests).toMatchObject([
      { symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'], interval: '1h', period: { days: 30 } },
    ])
  })

  test('a period in UTC, with and without an end', async () => {
    const { app } = await crypto(`${COMMAND} --from 2024-01-31 --to 2024-02-01T12:00Z`)
    expect(app.requests).toMatchObject([
      { period: { fromMs: Date.UTC(2024, 0, 31), toMs: Date.UTC(2024, 1, 1, 12) }, repair: false },
    ])
  })

  const refused: readonly (readonly [words: string, text: string])[] = [
    ['', 'period is missing'],
    ['--days 3 --from 2024-01-01', 'exclude each other'],
    ['--days 3 --to 2024-01-01', '--to needs --from'],
    ['--days 0', 'whole number'],
    ['--days 14001', 'from 1 to 14000'],
    ['--from 1900-01-01', 'from 1970 on'],
    ['--from 1900-01-01 --dry-run', 'from 1970 on'],
    ['--from 1970-01-01T00:00+01:00', 'from 1970 on'],
    ['--days 1.5', 'see --help of ingest\n'],
    ['--from yesterday', 'Expected a date'],
    ['--from 2024-02-30', 'Expected a date'],
    ['--days 3 --follow --dry-run', 'exclude each other'],
    ['--from 2024-01-01 --to 2024-02-01 --follow', 'no end'],
    ['--days 3 --symbol ,', 'Expected names'],
  ]
  test.each(refused)('refuses `%s`', async (words, text) => {
    const { code, err, out, app } = await crypto(`${COMMAND} ${words}`.trim())
    expect(code).toBe(2)
    expect(err).toContain(text)
    expect(out).toBe('')
    expect(app.requests).toEqual([])
  })
})

describe('what is told', () => {
  test('progress of each symbol by steps of a tenth, plain in a pipe', async () => {
    const { err } = await crypto(`${COMMAND} --days 3`)
    const lines = err.split('\n').filter((line) => line.startsWith('ingest '))
    expect(lines.filter((line) => line.includes('BTCUSDT'))).toHaveLength(10)
    expect(lines.filter((line) => line.includes('ETHUSDT'))).toHaveLength(10)
    expect(err).not.toContain('\u001b')
  })

  test('holes, with the way to ask for them again', async () => {
    const { out } = await crypto(`${COMMAND} --days 3`)
    expect(out.replace(/\s+/g, ' ')).toContain('has no candles for 2 slots of the period')
    expect(out).toContain('--repair')
  })

  test('candles that were refused are not ones that the exchange lacks', async () => {
    const refused = { ...INGESTED, holes: 2, absent: 0, longestHole: 0, quarantined: 2 }
    const { out } = await cryptoWith(`${COMMAND} --days 3`, {
      ingest: async () => ({ series: [refused], target: 'lake', warnings: [] }),
    })
    expect(out).toContain('2 candles broke the rules')
    expect(out).not.toContain('has no candles')
  })

  test('what was said on the way is in the document too, and on a terminal only once', async () => {
    const said = { code: 'INGEST', message: 'a file of the archive is damaged' }
    const ingest = async () => ({ series: [INGESTED], target: 'lake', warnings: [said] })
    const { out } = await cryptoWith(`${COMMAND} --days 3 --json`, { ingest })
    expect(JSON.parse(out).warnings).toContainEqual(said)
    const plain = await cryptoWith(`${COMMAND} --days 3`, { ingest })
    expect(plain.out).not.toContain(said.message)
  })

  test('one series of several that failed: the others are told, the exit code is its own', async () => {
    const outcome = { series: [INGESTED, INGEST_FAILED], target: 'lake', warnings: [], error: AWAY }
    const { code, out } = await cryptoWith(`${COMMAND} --days 3 --json`, {
      ingest: async () => outcome,
    })
    expect(code).toBe(5)
    const document = JSON.parse(out)
    expect(document).toMatchObject({ schema: 'crypto/ingest@1', ok: false })
    expect(document.result.series[0].error).toBeNull()
    expect(document.result.series[1].error.code).toBe('EXCHANGE_UNREACHABLE')
    expect(document.warnings.map(({ code }: { code: string }) => code)).toContain(
      'EXCHANGE_UNREACHABLE',
    )
    const [warning] = document.warnings.filter(
      ({ code }: { code: string }) => code === 'EXCHANGE_UNREACHABLE',
    )
    expect(warning.message).toContain('7,784 candles of the period are left')
  })

  test('when every series failed, the failure is the answer', async () => {
    const outcome = { series: [INGEST_FAILED], target: 'lake', warnings: [], error: AWAY }
    const { code, out, err } = await cryptoWith(`${COMMAND} --days 3`, {
      ingest: async () => outcome,
    })
    expect([code, out]).toEqual([5, ''])
    expect(err).toContain('api.example.com refused.')
  })

  test('a follower says what each round added, once what it waits for, and nothing of quiet ones', async () => {
    const { err } = await cryptoWith(`${COMMAND} --days 3 --follow`, {
      follow: async ({ onProgress }, onRound) => {
        onProgress(ingestProgress(100))
        onRound([{ ...INGESTED, written: 1, changed: 2 }])
        onRound([{ ...INGESTED, written: 0, changed: 0 }])
        return { series: [INGESTED], target: 'data/lake', warnings: [] }
      },
    })
    expect(err.split('\n').filter((line) => line.startsWith('BTCUSDT'))).toEqual([
      'BTCUSDT 1h  1 new, 2 corrected',
      expect.stringMatching(
        /^BTCUSDT: waiting for the 1h candle that closes at \d{4}-\d\d-\d\dT\d\d:00:00Z; Ctrl-C ends$/,
      ),
    ])
  })
})
