import { expect, setDefaultTimeout, test } from 'bun:test'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { page, range } from '../../support/candle-pages.ts'
import { temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const KEY = { exchange: 'venue', symbol: 'BTCUSDT', interval: '1h' }
const PAGE = 5

/** A reader that opens a file twice may find another one the second time, in one reading of a hundred or so. @param pages that are written meanwhile */
export function testReadingBeside(pages: number): void {
  const newFixture = temporaryLakes()
  test('who reads while months are replaced gets what one of the files has, and no error', async () => {
    const { lake } = newFixture()
    const writing = createLakeRepository({ lake })
    const reading = createLakeRepository({ lake })
    const writer = await writing.openSeries(KEY)
    let isDone = false
    const written = (async () => {
      for (let i = 0; i < pages; i++) {
        await writer.commit(page(i * PAGE, (i + 1) * PAGE))
        if (i % 3 === 2) await writer.flush()
      }
      isDone = true
    })()
    let readings = 0
    let coveredMs = 0
    for (; !isDone; readings++) {
      const { coverage } = await reading.readBooks(KEY, range(0, PAGE * pages))
      const nowMs = coverage.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
      expect(nowMs).toBeGreaterThanOrEqual(coveredMs)
      coveredMs = nowMs
      await Bun.sleep(1)
    }
    await written
    expect(readings).toBeGreaterThan(pages / 4)
    await writer.close()
    await writing.close()
    await reading.close()
  })
}
