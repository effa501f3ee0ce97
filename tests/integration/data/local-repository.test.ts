import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalRepository } from '../../../src/data/local/local-repository.ts'
import { createLocalStore } from '../../../src/data/local/local-store.ts'
import type { CandleRepository, SeriesWriter } from '../../../src/data/repository.ts'
import { testCandleRepository } from '../../contracts/candle-repository.ts'
import { walkCandles } from '../../support/walk.ts'

setDefaultTimeout(60_000)

const folders: string[] = []
const newLake = () => {
  const folder = mkdtempSync(join(tmpdir(), 'crypto-repository-'))
  folders.push(folder)
  return join(folder, 'lake')
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

testCandleRepository('local', () => {
  const lake = newLake()
  return { open: () => createLocalRepository({ lake }), dispose: () => {} }
})

const KEY = { exchange: 'venue', symbol: 'BTCUSDT', interval: '1h' }
const HOUR = 3_600_000
const FROM = Date.UTC(2024, 0, 1)
const TO = Date.UTC(2024, 3, 1)
const CANDLES = walkCandles({ fromMs: FROM, toMs: TO, stepMs: HOUR, seed: 3 })
const WHOLE = { fromMs: FROM, toMs: TO }
const PAGE = { range: WHOLE, candles: CANDLES, holes: [], quarantined: [] }
const FOLDER = 'exchange=venue/symbol=BTCUSDT/interval=1h'

async function withSeries<T>(
  lake: string,
  use: (writer: SeriesWriter, repository: CandleRepository) => Promise<T>,
): Promise<T> {
  const repository = createLocalRepository({ lake })
  const writer = await repository.openSeries(KEY)
  try {
    return await use(writer, repository)
  } finally {
    await writer.close()
    await repository.close()
  }
}

async function filledLake(): Promise<string> {
  const lake = newLake()
  await withSeries(lake, async (writer) => {
    await writer.commit(PAGE)
    await writer.flush()
  })
  return lake
}

describe('the ledger of a lake', () => {
  test('what is flushed is what backtests read, in the same bits', async () => {
    const store = createLocalStore({ lake: await filledLake() })
    const read = await store.readCandles({ ...KEY, ...WHOLE })
    expect(Buffer.from(read.close.buffer)).toEqual(Buffer.from(CANDLES.close.buffer))
    expect(read.openTime).toHaveLength(CANDLES.openTime.length)
    store.close()
  })

  test('several series of one repository may be flushed at the same time', async () => {
    const repository = createLocalRepository({ lake: newLake() })
    const writers = await Promise.all(
      ['A', 'B', 'C'].map((symbol) => repository.openSeries({ ...KEY, symbol })),
    )
    for (const [i, writer] of writers.entries()) {
      const candles = walkCandles({ fromMs: FROM, toMs: TO, stepMs: HOUR, seed: i + 1 })
      await writer.commit({ ...PAGE, candles })
    }
    await Promise.all(writers.map((writer) => writer.flush()))
    for (const [i, writer] of writers.entries()) {
      const candles = walkCandles({ fromMs: FROM, toMs: TO, stepMs: HOUR, seed: i + 1 })
      expect(await writer.read(WHOLE)).toEqual(candles)
      await writer.close()
    }
    await repository.close()
  })

  test('pages that were committed before the process died are there for the next one', async () => {
    const lake = newLake()
    const code = `
      const { createLocalRepository } = await import('${import.meta.dir}/../../../src/data/local/local-repository.ts')
      const { walkCandles } = await import('${import.meta.dir}/../../support/walk.ts')
      const writer = await createLocalRepository({ lake: '${lake}' }).openSeries(${JSON.stringify(KEY)})
      const candles = walkCandles({ fromMs: ${FROM}, toMs: ${TO}, stepMs: ${HOUR}, seed: 3 })
      await writer.commit({ range: ${JSON.stringify(WHOLE)}, candles, holes: [], quarantined: [] })
      process.kill(process.pid, 'SIGKILL')`
    const child = Bun.spawn([process.execPath, '-e', code], { stdout: 'ignore', stderr: 'inherit' })
    await child.exited
    expect(child.signalCode).toBe('SIGKILL')
    await withSeries(lake, async (writer) => {
      expect(await writer.coverage()).toEqual([WHOLE])
      await writer.flush()
    })
    expect(readdirSync(join(lake, FOLDER))).toContain('2024-03.parquet')
  })

  test('a month that was deleted counts as not asked for; the others stay', async () => {
    const lake = await filledLake()
    rmSync(join(lake, FOLDER, '2024-02.parquet'))
    await withSeries(lake, async (writer) => {
      expect(await writer.coverage()).toEqual([
        { fromMs: FROM, toMs: Date.UTC(2024, 1, 1) },
        { fromMs: Date.UTC(2024, 2, 1), toMs: TO },
      ])
    })
  })

  test('a month from which candles were taken counts as not asked for', async () => {
    const lake = await filledLake()
    const other = newLake()
    const february = { fromMs: Date.UTC(2024, 1, 1), toMs: Date.UTC(2024, 1, 20) }
    await withSeries(other, async (writer) => {
      const candles = walkCandles({ ...february, stepMs: HOUR, seed: 4 })
      await writer.commit({ range: february, candles, holes: [], quarantined: [] })
      await writer.flush()
    })
    const file = join(FOLDER, '2024-02.parquet')
    writeFileSync(join(lake, file), await Bun.file(join(other, file)).bytes())
    await withSeries(lake, async (writer) => {
      expect(await writer.coverage()).toHaveLength(2)
    })
  })

  test('a crash between the month file and the ledger repeats a merge that changes nothing', async () => {
    const lake = await filledLake()
    const before = await Bun.file(join(lake, FOLDER, '2024-03.parquet')).bytes()
    await withSeries(lake, async (writer) => {
      const candles = { ...CANDLES }
      expect(await writer.commit({ ...PAGE, candles })).toMatchObject({ added: 0, replaced: 0 })
      await writer.flush()
    })
    expect(await Bun.file(join(lake, FOLDER, '2024-03.parquet')).bytes()).toEqual(before)
  })

  test('a month file that was cut short is named, and deleting it heals the series', async () => {
    const lake = await filledLake()
    const file = join(lake, FOLDER, '2024-02.parquet')
    truncateSync(file, 1_000)
    await withSeries(lake, async (writer) => {
      await expect(writer.coverage()).rejects.toMatchObject({
        code: 'DATA_UNREADABLE',
        message: expect.stringContaining(file),
      })
    })
    rmSync(file)
    await withSeries(lake, async (writer) => {
      await writer.commit(PAGE)
      await writer.flush()
      expect(await writer.coverage()).toEqual([WHOLE])
      expect((await writer.read(WHOLE)).openTime).toHaveLength(CANDLES.openTime.length)
    })
  })

  test('a ledger that is no database is refused with the way out', async () => {
    const lake = await filledLake()
    for (const name of readdirSync(lake).filter((one) => one.startsWith('.ledger'))) {
      rmSync(join(lake, name))
    }
    writeFileSync(
      join(lake, '.ledger.sqlite'),
      'not a database, and long enough to be one'.repeat(99),
    )
    await expect(withSeries(lake, async () => {})).rejects.toMatchObject({
      code: 'LEDGER_DAMAGED',
      exitCode: 3,
    })
  })

  test('without its ledger a lake keeps its candles and has to be verified again', async () => {
    const lake = await filledLake()
    for (const name of readdirSync(lake).filter((one) => one.startsWith('.ledger'))) {
      rmSync(join(lake, name))
    }
    await withSeries(lake, async (writer) => {
      expect(await writer.coverage()).toEqual([])
      expect(await writer.commit(PAGE)).toMatchObject({ added: 0, unchanged: 2_184 - 0 })
    })
  })
})
