import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  describeDatabases,
  environmentOf,
  type TestDatabase,
  withClient,
} from '../../support/databases.ts'
import { copyTo, partitionsSql } from '../data/lake-fixture.ts'
import { documentOf, makeProject, parseDocument } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'

setDefaultTimeout(60_000)

interface SyncDocument {
  readonly series: readonly {
    readonly symbol: string
    readonly exported: readonly string[]
    readonly unchanged: number
    readonly rows: number
  }[]
}

interface RunDocument {
  readonly rows: readonly unknown[]
}

const SERIES = ['--exchange', 'binance', '--symbol', 'BTCUSDT', '--interval', '1h'] as const
const projects: { remove(): void }[] = []
afterAll(() => {
  for (const project of projects) project.remove()
})

describeDatabases('a project over a database', (suite) => {
  async function project(changes: Partial<TestDatabase> = {}) {
    const database = { ...(await suite.fresh()), ...changes }
    const made = makeProject()
    projects.push(made)
    const env = { DATA_DRIVER: 'timescale', ...environmentOf(database) }
    const run = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      cryptoInside(words, { cwd: made.dir, env: { ...env, ...more } })
    return { database, run, folder: made.dir }
  }

  async function sampleFile(folder: string): Promise<string> {
    const file = join(folder, 'btc.parquet')
    await copyTo(file, `SELECT * FROM (${partitionsSql()}) ORDER BY open_time`)
    return file
  }

  test('import, sync and backtest give the results of the lake without a server', async () => {
    const { run, folder, database } = await project()
    const file = await sampleFile(folder)
    const imported = documentOf<{ added: number }>(
      await run(['data', 'import', file, ...SERIES, '--json']),
    )
    expect(imported.result.added).toBe(13_920)
    const [series] = documentOf<SyncDocument>(await run(['data', 'sync', '--json'])).result.series
    expect(series).toMatchObject({ symbol: 'BTCUSDT', exported: [], unchanged: 19, rows: 0 })

    const words = ['backtest', 'run', 'btc_strategies_2024', '--json']
    const over = documentOf<RunDocument>(await run(words))
    const without = documentOf<RunDocument>(await cryptoInside(words))
    expect(over.result.rows).toEqual(without.result.rows)
    expect(over.run.data).toBe(without.run.data)

    await withClient(database, (query) =>
      query(`UPDATE candles SET volume = 1 WHERE open_time = '2024-05-05Z'`),
    )
    const synced = documentOf<SyncDocument>(await run(['data', 'sync', '--json'])).result.series
    expect(synced[0]).toMatchObject({ exported: ['2024-05'], unchanged: 18, rows: 744 })
    expect((await run(['data', 'list'])).out).toContain('13,920')
    // The check looks at the copies, brought up to date, and not at the sample.
    const checked = documentOf<{ series: readonly { symbol: string }[] }>(
      await run(['data', 'check', '--json']),
    )
    expect(checked.result.series.map(({ symbol }) => symbol)).toEqual(['BTCUSDT'])
  })

  test('a database that is down: exit code 5, and the way to go on from the cache', async () => {
    const { run, folder } = await project()
    await run(['data', 'import', await sampleFile(folder), ...SERIES])
    const words = ['backtest', 'run', 'btc_strategies_2024', '--json']
    for (const command of [words, ['data', 'sync', '--json'], ['data', 'list', '--json']]) {
      const down = await run(command, { DB_PORT: '1' })
      expect(down.code).toBe(5)
      const { error } = JSON.parse(down.out || down.err) as {
        error: { code: string; message: string }
      }
      expect(error.code).toBe('DATABASE_UNREACHABLE')
      expect(error.message).toContain('DATA_DRIVER=local')
    }
    const cached = documentOf<RunDocument>(await run(words, { DB_PORT: '1', DATA_DRIVER: 'local' }))
    expect(cached.result.rows.length).toBeGreaterThan(0)
  })

  test('a wrong password says which settings to correct', async () => {
    const { run } = await project()
    const failed = await run(['data', 'sync'], { DB_PASSWORD: 'wrong-one' })
    expect(failed.code).toBe(5)
    expect(failed.err).toContain('DB_PASSWORD')
    expect(failed.err).not.toContain('wrong-one')
  })

  test('sync without a database in the configuration is refused', async () => {
    const { run } = await project()
    const failed = await run(['data', 'sync', '--json'], { DATA_DRIVER: 'local' })
    expect(failed.code).toBe(2)
    expect(failed.out + failed.err).toContain('SYNC_DRIVER')
  })

  test('commands that only read leave an empty database empty, and say what fills it', async () => {
    const { run, database } = await project()
    for (const words of [
      ['data', 'list'],
      ['data', 'sync'],
      ['data', 'check'],
      ['backtest', 'run', 'btc_strategies_2024'],
      ['backtest', 'sweep', 'eth_rsi_grid'],
    ]) {
      const failed = await run(words)
      expect({ words, code: failed.code }).toEqual({ words, code: 5 })
      const message = failed.err.replaceAll(/\s+/g, ' ')
      expect(message).toContain('crypto ingest and crypto data import make its tables')
      expect(message).toContain('DATA_DRIVER=local')
    }
    const tables = await withClient(database, (query) =>
      query(`SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`),
    )
    expect(tables).toEqual([])
  })

  test('a condition that no series meets is an error, a database without series is not', async () => {
    const { run, folder } = await project()
    expect((await run(['db', 'migrate'])).code).toBe(0)
    expect(
      parseDocument<SyncDocument>(await run(['data', 'sync', '--json'])).result.series,
    ).toEqual([])
    const failed = await run(['data', 'sync', '--symbol', 'NONE'])
    expect(failed.code).toBe(3)
    expect(existsSync(join(folder, 'data/lake'))).toBe(false)
  })
})
