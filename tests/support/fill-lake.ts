import { createLakeRepository } from '../../src/data/lake/lake-repository.ts'
import { candlesWithin } from '../../src/data/overlay.ts'
import type { SeriesKey } from '../../src/data/store.ts'
import { walkCandles } from './walk.ts'

/** What a process of `fill-lake` is to do. */
export interface FillRequest {
  readonly lake: string
  readonly key: SeriesKey
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  readonly seed: number
  readonly pageCandles: number
  readonly pagesPerFlush: number
}

/** Goes on where an earlier process was killed: pages of a random walk until the range is covered. Prints a line for each page. */
export async function fillLake(request: FillRequest): Promise<void> {
  const { lake, key, fromMs, toMs, stepMs, seed, pageCandles, pagesPerFlush } = request
  const all = walkCandles({ fromMs, toMs, stepMs, seed })
  const repository = createLakeRepository({ lake })
  const writer = await repository.openSeries(key)
  const covered = await writer.coverage()
  let pages = 0
  for (let from = covered.at(-1)?.toMs ?? fromMs; from < toMs; from += pageCandles * stepMs) {
    const range = { fromMs: from, toMs: Math.min(toMs, from + pageCandles * stepMs) }
    const candles = candlesWithin(all, range)
    const counts = await writer.commit({ range, candles, holes: [], quarantined: [] })
    console.log(JSON.stringify(counts))
    if (++pages % pagesPerFlush === 0) await writer.flush()
  }
  await writer.flush()
  await writer.close()
  await repository.close()
}

if (import.meta.main) await fillLake(JSON.parse(process.argv[2] as string))
