import { afterAll, afterEach } from 'bun:test'
import type { Simulator } from '../../../src/simulator/index.ts'
import { environmentOf } from '../../support/databases.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres.ts'
import { startSimulator, type TestSimulatorOptions } from '../../support/simulator.ts'
import { crypto, makeProject, type RunOptions } from '../e2e/crypto.ts'
import { cryptoInside, type InsideOptions } from '../e2e/crypto-inside.ts'

/** Makes venues with projects that ingest from them, and servers; those of a test, and of a file, end with it. */
export function ingestScenes() {
  const simulators: Simulator[] = []
  const projects: ReturnType<typeof makeProject>[] = []
  const servers: PostgresServer[] = []
  afterEach(async () => {
    for (const simulator of simulators.splice(0)) await simulator.stop()
  })
  afterAll(async () => {
    for (const project of projects) project.remove()
    for (const server of servers) await server.stop()
  })

  async function venue(
    options: TestSimulatorOptions = {},
    env: Readonly<Record<string, string>> = {},
  ) {
    const simulator = await startSimulator({ now: '2024-06-01T00:01:00Z', ...options })
    simulators.push(simulator)
    const project = makeProject()
    projects.push(project)
    const shared = { SIM_URL: simulator.url, DEFAULT_EXCHANGE: 'sim', ...env }
    const optionsOf = (more: RunOptions) => ({
      ...{ cwd: project.dir, ...more },
      env: { ...shared, ...more.env },
    })
    const run = (words: readonly string[], more: InsideOptions = {}) =>
      cryptoInside(words, optionsOf(more))
    /** In a process of its own. */
    const start = (words: readonly string[], more: RunOptions = {}) =>
      crypto(words, optionsOf(more))
    return { simulator, run, start, dir: project.dir }
  }

  async function newServer() {
    const server = await startPostgres()
    servers.push(server)
    return server
  }

  return { venue, newServer }
}

/** The environment of a command whose database is on a server. */
export const settingsFor = (
  server: PostgresServer,
  changes: Readonly<Record<string, string>> = {},
) => ({
  DATA_DRIVER: 'timescale',
  ...environmentOf({ ...server, name: 'postgres' }),
  ...changes,
})

/** Resolves when a simulator has answered so many requests for candles. */
export async function served(simulator: Simulator, pages: number): Promise<void> {
  const count = () => simulator.requests().filter(({ endpoint }) => endpoint === 'klines').length
  for (let tries = 0; tries < 3_000 && count() < pages; tries++) await Bun.sleep(10)
}

export const INGEST = ['ingest', '--symbol', 'BTCUSDT', '--interval', '1h']
export const YEAR = [...INGEST, '--from', '2023-06-01']
export const ALL = 8_784
/** Nine pages of a year's hours take a second. */
export const SLOW = [{ kind: 'latency', min_ms: 120, max_ms: 120, endpoints: ['klines'] }]

export interface IngestDocument {
  readonly series: readonly { readonly written: number; readonly unverified: number }[]
}
