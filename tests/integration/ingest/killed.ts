// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Simulator } from '../../../src/simulator/index.ts'

export type LoggedRequest = ReturnType<Simulator['requests']>[number]

const ROOT = resolve(import.meta.dir, '../../..')

export interface IngestProcess {
  readonly folder: string
  readonly simulator: Simulator
  readonly symbols: readonly string[]
  readonly from: string
  readonly env?: Readonly<Record<string, string>>
}

/** Writes a configuration of its own: short time-outs, so that a stalled reply costs little. */
export function writeConfig(folder: string, baseUrl: string): void {
  const config = join(folder, 'config')
  mkdirSync(config, { recursive: true })
  writeFileSync(
    join(config, 'settings.yaml'),
    [
      'default_exchange: sim',
      'database: { host: "${DB_HOST:localhost}", port: "${DB_PORT:5432}", name: "${DB_NAME:crypto}", user: "${DB_USER:postgres}", password: "${DB_PASSWORD:crypto}" }',
      'data: { driver: "${DATA_DRIVER:local}" }',
      'ingest: { timeout_ms: 400, retries: 30 }',
    ].join('\n'),
  )
  writeFileSync(
    join(config, 'exchanges.yaml'),
    `exchanges:\n  sim: { adapter: binance, base_url: "${baseUrl}", rate_limit: 1000000 }\n`,
  )
}

/** Starts `crypto ingest` as a process of its own. */
export function startIngest(
  { folder, symbols, from, env = {} }: IngestProcess,
  ...words: readonly string[]
) {
  const command = ['src/cli/main.ts', '--config-dir', join(folder, 'config'), '--data-dir', folder]
  const options = [
    '--symbol',
    symbols.join(','),
    '--interval',
    '1m',
    '--from',
    from,
    '--json',
    '--quiet',
  ]
  return Bun.spawn([process.execPath, ...command, 'ingest', ...options, ...words], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

export interface SeriesDocument {
  readonly symbol: string
  readonly written: number
  readonly changed: number
  readonly holes: number
  readonly quarantined: number
  readonly unverified: number
}

/** Lets an ingestion run to its end. @throws Error with everything it said unless it ended well */
export async function finishIngest(
  options: IngestProcess,
  ...words: readonly string[]
): Promise<readonly SeriesDocument[]> {
  const child = startIngest(options, ...words)
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  if ((await child.exited) !== 0) throw new Error(`exit code ${child.exitCode}\n${out}\n${err}`)
  return JSON.parse(out).result.series
}

/** A run that was killed. */
export interface KilledRun {
  /** What it asked of the candles before. */
  readonly requests: readonly LoggedRequest[]
  /** Everything had been fetched before: it asked for holes again. */
  readonly isRepair: boolean
}

/** Kills ingestions at random points until as many have been killed as asked for. */
export async function killRepeatedly(
  options: IngestProcess,
  { kills, random }: { readonly kills: number; readonly random: () => number },
): Promise<readonly KilledRun[]> {
  const runs: KilledRun[] = []
  const asked = () => options.simulator.requests().filter(({ endpoint }) => endpoint === 'klines')
  let isRepair = false
  while (runs.length < kills) {
    const before = asked().length
    const child = startIngest(options, ...(isRepair ? ['--repair'] : []))
    const { requests, ms } = killPoint(runs.length, random)
    while (child.exitCode === null && asked().length - before < requests) await Bun.sleep(5)
    await Promise.race([Bun.sleep(ms), child.exited])
    child.kill('SIGKILL')
    await child.exited
    if (child.signalCode === 'SIGKILL') runs.push({ requests: asked().slice(before), isRepair })
    else if (child.exitCode !== 0) throw new Error(await child.stderr.text())
    else isRepair = true
  }
  return runs
}

/** A flush comes with the 50th page of a symbol, and there are two of them. */
const REQUESTS_TO_FLUSH = 100

/** Mostly among its first pages; one run in five at its start, whenever that is; one in fifty about the time that it flushes. */
function killPoint(run: number, random: () => number): { requests: number; ms: number } {
  if (run % 50 === 25) return { requests: REQUESTS_TO_FLUSH, ms: random() % 300 }
  if (run % 5 === 0) return { requests: 0, ms: 100 + (random() % 500) }
  return { requests: 1 + (random() % 10), ms: random() % 80 }
}
