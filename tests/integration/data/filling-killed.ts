import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hashColumns } from '../../../src/data/columns.ts'
import { seriesFolder } from '../../../src/data/lake/lake.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { LEDGER_FILE } from '../../../src/data/lake/ledger-file.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { FillRequest } from '../../support/fill-lake.ts'
import { walkCandles, xorshift } from '../../support/walk.ts'
import { temporaryLakes, VENUE_BTC } from './lake-fixture.ts'

const WHOLE = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 3, 1) }

/** Processes that fill a lake. @param killsWanted how many of them are killed */
export function testFillingKilled(killsWanted: number): void {
  const newFixture = temporaryLakes()
  const newLake = () => newFixture().lake

  describe('processes that are killed', () => {
    const MINUTE = 60_000
    const REQUEST = {
      key: { ...VENUE_BTC, interval: '1m' },
      fromMs: Date.UTC(2024, 0, 20),
      toMs: Date.UTC(2024, 1, 20),
      stepMs: MINUTE,
      seed: 5,
      pageCandles: 120,
      pagesPerFlush: 7,
    }

    async function start(request: FillRequest) {
      const script = join(import.meta.dir, '../../support/fill-lake.ts')
      return Bun.spawn([process.execPath, script, JSON.stringify(request)], {
        stdout: 'pipe',
        stderr: 'inherit',
      })
    }

    test('leave what they committed, and nothing else: the next one goes on', async () => {
      const lake = newLake()
      const next = xorshift(7)
      const [request, truth] = [{ ...REQUEST, lake }, walkCandles(REQUEST)]
      let [kills, added, committed] = [0, 0, 0]
      for (let isDone = false; !isDone; ) {
        const child = await start(request)
        if (kills < killsWanted) {
          const reader = child.stdout.getReader()
          await reader.read()
          await Bun.sleep(next() % 60)
          child.kill('SIGKILL')
          kills += 1
        } else {
          const lines = (await new Response(child.stdout).text()).split('\n').filter(Boolean)
          for (const line of lines) added += JSON.parse(line).added
        }
        isDone = (await child.exited) === 0
        const repository = createLakeRepository({ lake })
        const writer = await repository.openSeries(request.key)
        const [covered, ...others] = await writer.coverage()
        expect(others).toEqual([])
        const stored = await writer.read(REQUEST)
        // Candles and coverage are stored together or not at all, whatever was under way.
        expect(hashColumns(stored)).toBe(hashColumns(candlesWithin(truth, covered ?? WHOLE)))
        if (!isDone) committed = stored.openTime.length
        await writer.close()
        await repository.close()
      }
      expect(kills).toBe(killsWanted)
      // What was committed before the last start was not fetched again.
      expect(added).toBe(truth.openTime.length - committed)
      const folder = seriesFolder(lake, request.key)
      expect(readdirSync(folder).sort()).toEqual([
        '2024-01.parquet',
        '2024-02.parquet',
        'manifest.json',
      ])
      expect(readdirSync(lake).sort()).toEqual([LEDGER_FILE, 'exchange=venue'])
    }, 60_000)

    test('several at once fill series of one lake side by side', async () => {
      const lake = newLake()
      const requests = ['A', 'B', 'C'].map((symbol, i) => ({
        ...REQUEST,
        lake,
        key: { ...REQUEST.key, symbol },
        seed: i + 1,
      }))
      const children = await Promise.all(requests.map(start))
      expect(await Promise.all(children.map((child) => child.exited))).toEqual([0, 0, 0])
      const repository = createLakeRepository({ lake })
      for (const request of requests) {
        const writer = await repository.openSeries(request.key)
        expect(hashColumns(await writer.read(request))).toBe(hashColumns(walkCandles(request)))
        await writer.close()
      }
      await repository.close()
    }, 60_000)
  })
}
