import { openDatabase } from '../../src/data/timescale/index.ts'
import { syncSeries } from '../../src/data/timescale/sync/sync-series.ts'
import { settingsOf, testContext } from './database-settings.ts'

/** A process that syncs one series into a lake until it is done or killed. Argument: `{address, lake, key}` as JSON. */
const { address, lake, key } = JSON.parse(process.argv[2] ?? '')
const context = testContext()
const opened = await openDatabase(settingsOf(address), context)
await syncSeries({ opened, lake, clock: context.clock }, key)
await opened.database.close()
