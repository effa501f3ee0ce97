import { beforeAll } from 'bun:test'
import { join } from 'node:path'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { createArchive } from '../../../src/data/archive/archive.ts'
import { archiveInFolder } from '../../../src/data/archive/folder.ts'
import { archiveOnServer, type GetBytes } from '../../../src/data/archive/server.ts'
import { columnsOf, vectorsOf } from '../../../src/data/columns.ts'
import type { ArchivePart, ArchiveSource } from '../../../src/data/ingest/archive-pages.ts'
import { candlesWithin, NO_CANDLES, overlay } from '../../../src/data/overlay.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import { createTransport } from '../../../src/exchanges/transport/create-transport.ts'
import { ArchiveFixture } from '../../support/archive-fixture.ts'
import { BTC, type LakeFixture, temporaryLakes } from './lake-fixture.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const month = (number: number, year = 2024): TimeRange => ({
  fromMs: Date.UTC(year, number - 1),
  toMs: Date.UTC(year, number),
})
export const JANUARY = month(1)
export const FEBRUARY = month(2)
export const day = (number: number): TimeRange => ({
  fromMs: JANUARY.fromMs + (number - 1) * DAY,
  toMs: JANUARY.fromMs + number * DAY,
})
export const JAN = 'BTCUSDT-1h-2024-01'

/** New archives in folders of their own, and the sample's candles of a range, once the tests run. */
export function archiveTools() {
  let sample: CandleColumns
  const newFixture = temporaryLakes()
  beforeAll(async () => {
    sample = await sampleOf(newFixture())
  })
  return {
    newFixture,
    newArchive: () => new ArchiveFixture(join(newFixture().folder, 'archive')),
    of: (range: TimeRange) => candlesWithin(sample, range),
  }
}

/** The sample's candles, which are the exchange's own. */
async function sampleOf(fixture: LakeFixture): Promise<CandleColumns> {
  const range = { fromMs: JANUARY.fromMs, toMs: month(4).toMs }
  return await fixture.store().readCandles({ ...BTC, ...range })
}

export const plain = (columns: CandleColumns) => columnsOf(vectorsOf(columns).map((v) => v.slice()))

export interface Read {
  readonly candles: CandleColumns
  readonly ranges: readonly TimeRange[]
  readonly problems: readonly string[]
  readonly messages: readonly string[]
}

export async function readAll(
  source: ArchiveSource,
  ranges: readonly TimeRange[] = [JANUARY],
  interval = '1h',
): Promise<Read> {
  const parts: ArchivePart[] = []
  for await (const part of source.read({ ...BTC, interval, ranges })) parts.push(part)
  const notes = parts.flatMap((part) => ('problem' in part ? [part] : []))
  const found = parts.flatMap((part) => ('candles' in part ? [part] : []))
  return {
    candles: found.reduce((all, { candles }) => overlay(all, candles), NO_CANDLES),
    ranges: found.map(({ range }) => range),
    problems: notes.map(({ problem }) => problem),
    messages: notes.map(({ message }) => message),
  }
}

export const readFolder = async (archive: ArchiveFixture, ranges?: readonly TimeRange[]) =>
  await readAll(createArchive(await archiveInFolder(archive.folder)), ranges)

export const quickClock = { now: () => 0, sleep: async () => {} }

export function onServer(
  url: URL,
  changes: { readonly get?: GetBytes; readonly retries?: number } = {},
) {
  const transport = createTransport({ exchange: 'archive', hosts: [url.host] })
  const get: GetBytes = (address, signal) => transport.fetchBytes(address, { signal })
  const policy = { retries: changes.retries ?? 2, delayMs: 1, delayMsMax: 1 }
  return createArchive(
    archiveOnServer(url, changes.get ?? get, { policy, clock: quickClock, random: () => 0.5 }),
  )
}
