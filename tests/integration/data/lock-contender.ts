import { appendFileSync, existsSync } from 'node:fs'
import { takeSeriesLock } from '../../../src/data/lake/lock.ts'
import { VENUE_BTC } from './lake-fixture.ts'

/**
 * Tries to take the lock of a series as soon as a file appears, and writes down whether it did. Lives until it is killed, so that its
 * lock is that of a process that runs.
 */
const [lake, start, outcomes] = process.argv.slice(2) as [string, string, string]
appendFileSync(outcomes, '')
while (!existsSync(start)) {}
let outcome = 'took'
try {
  takeSeriesLock(lake, VENUE_BTC)
} catch (error) {
  outcome = (error as { readonly code?: string }).code ?? String(error)
}
appendFileSync(outcomes, `${outcome}\n`)

await new Promise(() => setInterval(() => {}, 1_000))
