import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsOf } from '../../../src/data/columns.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { ledgerHoles } from '../../../src/data/lake/ledger-holes.ts'
import { BTC, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()

const HOUR = 3_600_000
const START = Date.UTC(2024, 0, 1)
const range = (from: number, to: number) => ({
  fromMs: START + from * HOUR,
  toMs: START + to * HOUR,
})
const ALL = { fromMs: -Infinity, toMs: Infinity }

describe('ledgerHoles', () => {
  test('tells what an ingestion has found out, while its ledger is open', async () => {
    const { lake: path } = lake()
    const repository = createLakeRepository({ lake: path })
    const writer = await repository.openSeries(BTC)
    const empty = columnsOf(Array.from({ length: 6 }, () => new Float64Array(0)))
    const seen = { firstSeenMs: START, lastCheckMs: START + HOUR }
    const holes = [
      { ...range(0, 2), cause: 'quarantine' as const, ...seen },
      { ...range(2, 6), cause: 'venue' as const, ...seen },
    ]
    await writer.commit({ range: range(0, 6), candles: empty, holes, quarantined: [] })
    const findHoles = ledgerHoles(path)
    expect(await findHoles(BTC, ALL)).toEqual(holes)
    expect(await findHoles(BTC, range(0, 2))).toEqual(holes.slice(0, 1))
    expect(await findHoles(BTC, range(5, 9))).toEqual(holes.slice(1))
    expect(await findHoles({ ...BTC, interval: '1m' }, ALL)).toEqual([])
    await writer.close()
    await repository.close()
    expect(await findHoles(BTC, ALL)).toEqual(holes)
  })

  test('knows nothing, and makes nothing, where there is no ledger or a damaged one', async () => {
    const { lake: path } = lake()
    const findHoles = ledgerHoles(path)
    expect(await findHoles(BTC, ALL)).toEqual([])
    expect(await Bun.file(join(path, '.ledger.sqlite')).exists()).toBe(false)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, '.ledger.sqlite'), 'this is no database, but long enough to be read')
    expect(await findHoles(BTC, ALL)).toEqual([])
  })
})
