import { appendFileSync, existsSync } from 'node:fs'
import { takeSeriesLock } from '../../../src/data/local/lock.ts'
import { VENUE_BTC } from './lake-fixture.ts'

/**
 * Tries to take the lock of a series in each round as soon as its file appears, and writes down whether it did. Lives until it is
 * killed, so that its last lock is that of a process that runs.
 */
const [lake, rounds, count, name] = process.argv.slice(2) as [string, string, string, string]
for (let round = 0; round < Number(count); round++) {
  while (!existsSync(`${rounds}/${round}`)) {}
  let outcome = 'took'
  try {
    takeSeriesLock(lake, VENUE_BTC)
  } catch (error) {
    outcome = (error as { readonly code?: string }).code ?? String(error)
  }
  appendFileSync(`${rounds}/${name}`, `${outcome}\n`)
}

await new Promise(() => setInterval(() => {}, 1_000))
