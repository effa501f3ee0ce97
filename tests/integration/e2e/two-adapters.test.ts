import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { Simulator } from '../../../src/simulator/index.ts'
import { startSimulator } from '../../support/simulator.ts'
import { documentOf, makeProject, type Project } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'

setDefaultTimeout(60_000)

interface Ingested {
  readonly series: readonly {
    readonly symbol: string
    readonly written: number
    readonly holes: number
  }[]
}

let simulator: Simulator
let project: Project
beforeAll(async () => {
  simulator = await startSimulator({ now: '2024-06-01T00:30' })
  project = makeProject()
  project.write(
    'config/exchanges.yaml',
    `exchanges:
  binance: { adapter: binance, base_url: '${simulator.url}' }
  native: { adapter: binance, base_url: '${simulator.url}' }
  library: { adapter: ccxt, base_url: '${simulator.url}', options: { exchange: binance } }
`,
  )
})
afterAll(async () => {
  project.remove()
  await simulator.stop()
})

describe('one venue through two adapters', () => {
  test('is stored as the same bytes', async () => {
    const stored: string[] = []
    for (const exchange of ['native', 'library']) {
      const series = ['--exchange', exchange, '--interval', '1h', '--from', '2024-03-01']
      const words = ['ingest', ...series, '--symbol', 'BTCUSDT,ETHUSDT', '--json']
      const { result } = documentOf<Ingested>(await cryptoInside(words, { cwd: project.dir }))
      expect(result.series).toMatchObject(
        ['BTCUSDT', 'ETHUSDT'].map((symbol) => ({ symbol, written: 92 * 24, holes: 0 })),
      )
      for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
        const output = `${exchange}-${symbol}.csv`
        const exported = ['data', 'export', ...series, '--symbol', symbol, '--output', output]
        expect(await cryptoInside(exported, { cwd: project.dir })).toMatchObject({ code: 0 })
        stored.push(readFileSync(project.path(output), 'utf8'))
      }
    }
    const [bitcoin, ether, ...ofLibrary] = stored
    expect(bitcoin?.split('\n')).toHaveLength(92 * 24 + 2)
    expect(ofLibrary).toEqual([bitcoin, ether] as string[])
  })
})
