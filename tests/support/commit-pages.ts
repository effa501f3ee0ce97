import { openDatabase } from '../../src/data/timescale/index.ts'
import { createTimescaleRepository } from '../../src/data/timescale/repository.ts'
import { settingsOf, testContext, UNCOMPRESSED } from './database-settings.ts'
import { pageOf } from './timescale-fixture.ts'
import { walkCandles } from './walk.ts'

/**
 * A process that commits a series day by day until it is done or killed, and says after each day how many are committed.
 * Argument: `{address, key, fromMs, days, stepMs, seed}` as JSON.
 */
const { address, key, fromMs, days, stepMs, seed } = JSON.parse(process.argv[2] ?? '')
const DAY = 86_400_000
const repository = createTimescaleRepository(
  await openDatabase(settingsOf(address, UNCOMPRESSED), testContext()),
)
const writer = await repository.openSeries(key)
const all = walkCandles({ fromMs, toMs: fromMs + days * DAY, stepMs, seed })
const perDay = DAY / stepMs
for (let day = 0; day < days; day++) {
  const part = (vector: Float64Array) => vector.slice(day * perDay, (day + 1) * perDay)
  const { openTime, open, high, low, close, volume } = all
  await writer.commit(
    pageOf(key, {
      openTime: part(openTime),
      open: part(open),
      high: part(high),
      low: part(low),
      close: part(close),
      volume: part(volume),
    }),
  )
  process.stdout.write(`${day + 1}\n`)
}
await writer.close()
await repository.close()
