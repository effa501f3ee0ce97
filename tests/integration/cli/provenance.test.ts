import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

setDefaultTimeout(60_000)

const ROOT = join(import.meta.dir, '..', '..', '..')
const project = mkdtempSync(join(tmpdir(), 'crypto-provenance-'))
afterAll(() => rmSync(project, { recursive: true }))

const CONFIG = {
  settings: `data: { sample: "${join(ROOT, 'data', 'sample')}" }`,
  exchanges: 'exchanges: { binance: { adapter: binance } }',
  backtests: `backtests:
  one:
    strategies: [mine]
    start: "2024-01-01"
    end: "2024-02-01"`,
  strategies:
    'strategies: { mine: { type: own_average, params: { period: 20 }, symbols: [BTCUSDT], interval: 1h } }',
  sweeps: `sweeps:
  one: { backtest: one, params: { period: [10, 20] } }`,
}

function writeProject(relation: 'above' | 'crossesAbove'): void {
  for (const folder of ['config', 'plugins/strategies']) {
    mkdirSync(join(project, folder), { recursive: true })
  }
  for (const [name, text] of Object.entries(CONFIG)) {
    writeFileSync(join(project, 'config', `${name}.yaml`), `${text}\n`)
  }
  const plugin = `import { ${relation}, below, defineStrategy, periodSchema, sma, Type } from 'crypto-platform/strategy'
export default defineStrategy({
  name: 'own_average',
  description: 'Long above the average.',
  params: Type.Object({ period: periodSchema(20) }),
  signals: ({ close }, { period }) => ({
    enterLong: ${relation}(close, sma(close, period)),
    exitLong: below(close, sma(close, period)),
  }),
})
`
  writeFileSync(join(project, 'plugins/strategies/own-average.ts'), plugin)
}

async function configHash(...words: string[]): Promise<string> {
  const command = [process.execPath, join(ROOT, 'src/cli/main.ts'), ...words, '--json']
  const child = Bun.spawn(command, { cwd: project, stdout: 'pipe', stderr: 'ignore' })
  return JSON.parse(await child.stdout.text()).run.config
}

async function hashes(): Promise<readonly string[]> {
  return [
    await configHash('backtest', 'run', 'one'),
    await configHash('backtest', 'sweep', 'one'),
    await configHash('backtest', 'run', '--sweep', 'one', '--set', 'period=10'),
  ]
}

test('the hash of the configuration covers the signals of a plugin', async () => {
  writeProject('above')
  const before = await hashes()
  expect(before.every((hash) => /^sha256:[0-9a-f]{64}$/.test(hash))).toBe(true)
  expect(await hashes()).toEqual([...before])
  writeProject('crossesAbove')
  const after = await hashes()
  for (const [i, hash] of after.entries()) expect(hash).not.toBe(before[i] as string)
})
