import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLakeStore, writeTable } from '../../../src/data/index.ts'
import { partitionPath } from '../../../src/data/lake/lake.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { walkCandles } from '../../support/walk.ts'
import { BTC, copyTo, failureOf, SAMPLE, sampleSql } from './lake-fixture.ts'

setDefaultTimeout(60_000)

/** Real file systems that are full or read-only; mounting them takes rights that not every machine gives. */
const folder = mkdtempSync(join(tmpdir(), 'crypto-disk-'))
const mounted: string[] = []
afterAll(() => {
  for (const path of mounted) Bun.spawnSync(['umount', path])
  rmSync(folder, { recursive: true, force: true })
})

function tryMount(name: string, options: string): string | undefined {
  const path = join(folder, name)
  mkdirSync(path)
  if (Bun.which('mount') === null || process.platform !== 'linux') return undefined
  const run = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', path], {
    stderr: 'ignore',
  })
  if (run.exitCode !== 0) return undefined
  mounted.push(path)
  return path
}

const small = tryMount('small', 'size=600k')
const readOnly = tryMount('read-only', 'size=64k,ro')
const why = 'needs the right to mount a tmpfs'

const COLUMNS = [{ name: 'x', type: 'DOUBLE' }] as const

const HOUR = 3_600_000
const MONTH = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 1, 1) }
const monthPage = (seed: number) => ({
  range: MONTH,
  candles: walkCandles({ ...MONTH, stepMs: HOUR, seed }),
  holes: [],
  quarantined: [],
})

/** Numbers that do not compress. */
function* noise(chunks: number): Generator<readonly Float64Array[]> {
  let state = 1
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 7
  }
  for (let i = 0; i < chunks; i++) yield [Float64Array.from({ length: 50_000 }, next)]
}

async function yearFile(): Promise<string> {
  const file = join(folder, 'year.parquet')
  const months = Array.from({ length: 12 }, (_, i) => `2024-${String(i + 1).padStart(2, '0')}`)
  await copyTo(file, months.map((month) => sampleSql(month)).join(' UNION ALL '))
  return file
}

describe(`a full disk${small === undefined ? ` (skipped: ${why})` : ''}`, () => {
  test.skipIf(small === undefined).each(['.parquet', '.arrow', '.csv'])(
    'fails a result (%s) and leaves no partial file',
    async (extension) => {
      const path = join(small as string, `rows${extension}`)
      const failure = await failureOf(writeTable({ path, columns: COLUMNS, chunks: noise(20) }))
      expect(failure).toMatchObject({ code: 'DISK_FULL', exitCode: 1 })
      expect(failure.message).toContain(path)
      expect(readdirSync(small as string)).toEqual([])
    },
  )

  test.skipIf(small === undefined)('keeps the result of an earlier run', async () => {
    const path = join(small as string, 'kept.csv')
    await writeTable({ path, columns: COLUMNS, chunks: [[Float64Array.of(1.5)]] })
    await failureOf(writeTable({ path, columns: COLUMNS, chunks: noise(20) }))
    expect(readFileSync(path, 'utf8')).toBe('x\n1.5\n')
    rmSync(path)
  })

  test.skipIf(small === undefined)('fails an import and keeps whole months only', async () => {
    const lake = join(small as string, 'lake')
    const ballast = join(small as string, 'ballast')
    writeFileSync(ballast, Buffer.alloc(450 * 1024))
    const store = createLakeStore({ lake })
    const failure = await failureOf(store.importCandles({ ...BTC, file: await yearFile() }))
    expect(failure).toMatchObject({ code: 'DISK_FULL', exitCode: 1 })
    expect(failure.message).toMatch(/Of 12 month\(s\) this import wrote 2024-01 to 2024-\d\d/)
    const [series] = await store.listSeries()
    expect(series?.rows).toBeGreaterThan(0)
    expect(series?.holes).toBe(0)
    expect(series?.rows).toBeLessThan(8784)
    const hidden = readdirSync(lake, { recursive: true }).filter((name) =>
      String(name).includes('/.'),
    )
    expect(hidden).toEqual([])
    rmSync(ballast)
    expect((await store.importCandles({ ...BTC, file: await yearFile() })).rows).toBe(8784)
    expect((await store.listSeries())[0]?.rows).toBe(8784)
    store.close()
    rmSync(lake, { recursive: true })
  })
})

/** Fills a disk to the last byte. Returns the file to remove. */
function fillUp(path: string): string {
  const ballast = join(path, 'ballast')
  const block = Buffer.alloc(4096)
  expect(() => {
    for (;;) appendFileSync(ballast, block)
  }).toThrow('ENOSPC')
  return ballast
}

describe(`ingestion on a full disk${small === undefined ? ` (skipped: ${why})` : ''}`, () => {
  test.skipIf(small === undefined)('loses no page, and goes on when there is room', async () => {
    const lake = join(small as string, 'lake')
    const repository = createLakeRepository({ lake })
    const writer = await repository.openSeries(BTC)
    await writer.commit(monthPage(1))
    const ballast = fillUp(small as string)
    // The ledger has the page; its month file finds no room.
    expect(await failureOf(writer.flush())).toMatchObject({ code: 'DISK_FULL', exitCode: 1 })
    expect(await failureOf(writer.commit(monthPage(2)))).toMatchObject({ code: 'DISK_FULL' })
    expect(await writer.read(MONTH)).toEqual(monthPage(1).candles)
    await writer.close()
    await repository.close()
    rmSync(ballast)
    const again = createLakeRepository({ lake })
    const next = await again.openSeries(BTC)
    expect(await next.coverage()).toEqual([MONTH])
    expect(await next.read(MONTH)).toEqual(monthPage(1).candles)
    expect(await next.commit(monthPage(2))).toMatchObject({ added: 0 })
    await next.flush()
    await next.close()
    await again.close()
    const store = createLakeStore({ lake })
    expect((await store.readCandles({ ...BTC, ...MONTH })).close).toEqual(
      monthPage(2).candles.close,
    )
    store.close()
    rmSync(lake, { recursive: true })
  })

  test.skipIf(small === undefined)('cannot begin: it says so and leaves no lock', async () => {
    const lake = join(small as string, 'lake')
    mkdirSync(lake)
    const ballast = fillUp(small as string)
    const repository = createLakeRepository({ lake })
    expect(await failureOf(repository.openSeries(BTC))).toMatchObject({ code: 'DISK_FULL' })
    await repository.close()
    rmSync(ballast)
    expect(readdirSync(lake).filter((name) => name.includes('lock'))).toEqual([])
    const writer = await repository.openSeries(BTC)
    await writer.close()
    await repository.close()
    rmSync(lake, { recursive: true })
  })
})

describe(`a read-only folder${readOnly === undefined ? ` (skipped: ${why})` : ''}`, () => {
  test.skipIf(readOnly === undefined)('refuses a result', async () => {
    const path = join(readOnly as string, 'results/rows.parquet')
    const failure = await failureOf(writeTable({ path, columns: COLUMNS, chunks: noise(1) }))
    expect(failure).toMatchObject({ code: 'FOLDER_READ_ONLY', exitCode: 1 })
    expect(failure.message).toContain(join(readOnly as string, 'results'))
  })

  test.skipIf(readOnly === undefined)(
    'refuses an ingestion before anything is fetched',
    async () => {
      const repository = createLakeRepository({ lake: join(readOnly as string, 'lake') })
      const failure = await failureOf(repository.openSeries(BTC))
      expect(failure).toMatchObject({ code: 'FOLDER_READ_ONLY', exitCode: 1 })
      await repository.close()
    },
  )

  test.skipIf(readOnly === undefined)('refuses an import before reading the file', async () => {
    const store = createLakeStore({ lake: join(readOnly as string, 'lake'), samples: [SAMPLE] })
    const failure = await failureOf(store.importCandles({ ...BTC, file: 'never-opened.csv' }))
    expect(failure).toMatchObject({ code: 'FOLDER_READ_ONLY', exitCode: 1 })
    expect((await store.listSeries()).length).toBe(3)
    store.close()
  })

  test.skipIf(readOnly === undefined)(
    'names the reason where the lake is there already',
    async () => {
      const path = tryMount('frozen', 'size=4m') as string
      const lake = join(path, 'lake')
      const repository = createLakeRepository({ lake })
      await (await repository.openSeries(BTC)).close()
      await repository.close()
      expect(Bun.spawnSync(['mount', '-o', 'remount,ro', path]).exitCode).toBe(0)
      const failure = await failureOf(createLakeRepository({ lake }).openSeries(BTC))
      expect(failure).toMatchObject({ code: 'FOLDER_READ_ONLY', exitCode: 1 })
    },
  )

  test.skipIf(process.getuid?.() === 0)(
    'refuses a folder without the right to write (root may write everywhere)',
    async () => {
      const path = join(folder, 'locked')
      mkdirSync(path, { mode: 0o555 })
      const result = { path: join(path, 'rows.csv'), columns: COLUMNS, chunks: noise(1) }
      expect((await failureOf(writeTable(result))).code).toBe('FOLDER_READ_ONLY')
      const store = createLakeStore({ lake: path })
      const failure = await failureOf(store.importCandles({ ...BTC, file: await yearFile() }))
      expect(failure.code).toBe('FOLDER_READ_ONLY')
    },
  )
})

test('a file where the result folder should be is refused', async () => {
  const file = join(folder, 'plain')
  writeFileSync(file, '')
  const failure = await failureOf(
    writeTable({ path: join(file, 'rows.csv'), columns: COLUMNS, chunks: noise(1) }),
  )
  expect(failure.code).toBe('WRITE_FAILED')
  expect(readFileSync(file, 'utf8')).toBe('')
})

test('partitions of the sample stay as they are when a lake month is written', async () => {
  const before = readFileSync(partitionPath(SAMPLE, BTC, '2024-01'))
  const lake = join(folder, 'lake')
  const file = join(folder, 'one.csv')
  writeFileSync(file, 'time,open,high,low,close,volume\n1704067200000,100,110,90,105,1\n')
  const store = createLakeStore({ lake, samples: [SAMPLE] })
  await store.importCandles({ ...BTC, file })
  expect(readFileSync(partitionPath(SAMPLE, BTC, '2024-01')).equals(before)).toBe(true)
  store.close()
})
