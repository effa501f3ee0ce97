import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLakeStore } from '../../../src/data/index.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { describeDatabases, environmentOf } from '../../support/databases.ts'
import { startSimulator } from '../../support/simulator.ts'
import { documentOf, makeProject, type SweepDocument } from '../e2e/crypto.ts'
import { cryptoInside } from '../e2e/crypto-inside.ts'

// The steps of docs/ingestion.md, "The whole way".

setDefaultTimeout(120_000)

let simulator: Simulator
const projects: ReturnType<typeof makeProject>[] = []
beforeAll(async () => {
  simulator = await startSimulator({ now: '2024-12-31T00:01:00Z' })
})
afterAll(async () => {
  await simulator.stop()
  for (const project of projects) project.remove()
})

function newProject(env: Readonly<Record<string, string>>) {
  const project = makeProject()
  projects.push(project)
  appendFileSync(
    join(project.dir, 'config', 'exchanges.yaml'),
    `\n  library:\n    adapter: ccxt\n    base_url: ${simulator.url}\n    options: { exchange: binance }\n`,
  )
  const shared = { SIM_URL: simulator.url, DEFAULT_EXCHANGE: 'sim', ...env }
  return {
    lake: join(project.dir, 'data', 'lake'),
    run: (...words: readonly string[]) => cryptoInside(words, { cwd: project.dir, env: shared }),
  }
}

const INGEST = [
  'ingest',
  '--symbol',
  'ETHUSDT',
  '--interval',
  '1h',
  '--from',
  '2023-06-01',
  '--json',
]
const SWEEP = ['backtest', 'sweep', 'eth_rsi_grid', '--json']

interface IngestDocument {
  readonly series: readonly { readonly written: number; readonly holes: number }[]
}

/** Hash of the candles that were stored under the name of an exchange. */
async function hashOf(lake: string, exchange: string): Promise<string> {
  const store = createLakeStore({ lake })
  const key = { exchange, symbol: 'ETHUSDT', interval: '1h' }
  const range = { fromMs: Date.UTC(2023, 5, 1), toMs: Date.UTC(2025, 0, 1) }
  const { hash } = await store.readCandles({ ...key, ...range })
  store.close()
  return hash
}

test('both adapters store the same candles in the lake, and those give the digest of the sample', async () => {
  const { run, lake } = newProject({})
  for (const exchange of ['sim', 'library']) {
    const { result } = documentOf<IngestDocument>(await run(...INGEST, '--exchange', exchange))
    expect(result.series).toMatchObject([{ written: 13_896, holes: 0 }])
  }
  expect(await hashOf(lake, 'library')).toBe(await hashOf(lake, 'sim'))
  const ours = documentOf<SweepDocument>(await run(...SWEEP))
  const sample = documentOf<SweepDocument>(
    await cryptoInside(SWEEP, { cwd: lake.replace('/data/lake', '') }),
  )
  expect(ours.result.digest).toBe(sample.result.digest)
})

describeDatabases('from an exchange to a sweep over a database', (suite) => {
  test('gives the digest of the lake without a server', async () => {
    const database = await suite.fresh()
    const over = newProject({ DATA_DRIVER: 'timescale', ...environmentOf(database) })
    documentOf(await over.run('db', 'migrate', '--json'))
    const ingested = documentOf<IngestDocument>(await over.run(...INGEST))
    expect(ingested.result.series).toMatchObject([{ written: 13_896, holes: 0 }])
    documentOf(await over.run('data', 'sync', '--json'))

    const without = newProject({})
    documentOf(await without.run(...INGEST))
    const [first, second] = [await over.run(...SWEEP), await without.run(...SWEEP)].map((one) =>
      documentOf<SweepDocument>(one),
    )
    expect(first?.result.digest).toBe(second?.result.digest as string)
    expect(first?.run.data).toBe(second?.run.data as string)
    expect(await hashOf(over.lake, 'sim')).toBe(await hashOf(without.lake, 'sim'))
  })
})
