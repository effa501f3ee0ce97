import { expect, setDefaultTimeout } from 'bun:test'
import { documentOf } from '../integration/e2e/crypto.ts'
import {
  type IngestDocument,
  ingestScenes,
  SLOW,
  served,
  settingsFor,
  YEAR,
} from '../integration/ingest/ingest-scene.ts'
import { testWithPostgres } from '../support/databases.ts'

setDefaultTimeout(120_000)

const { venue, newServer } = ingestScenes()

// An ingestion waits half a minute for its database.
testWithPostgres(
  'a database that is gone in the middle of an ingestion: 5, and what was stored is there when it is back',
  async () => {
    const server = await newServer()
    const { run, start, simulator } = await venue({ faults: SLOW }, settingsFor(server))
    expect((await run(['db', 'migrate'])).code).toBe(0)
    const lost = await start([...YEAR, '--json'], {
      during: async () => {
        await served(simulator, 3)
        await server.crash()
      },
    })
    expect(lost.code).toBe(5)
    expect(JSON.parse(lost.out).error.code).toMatch(/^DATABASE_/)
    await server.restart()
    const again = documentOf<IngestDocument>(await run([...YEAR, '--json']))
    expect(again.result.series[0]).toMatchObject({ unverified: 0 })
    const stored = await run(['data', 'list'])
    expect(stored.out).toContain('8,784')
  },
)
