import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchRow } from './rows.ts'
import type { LakeSource } from './source.ts'
import { median } from './timing.ts'

const ROOT = new URL('..', import.meta.url).pathname

/** Start-up of commands that need neither data nor exchanges. */
export function measureStartUp(runs: number): BenchRow[] {
  const row = (args: readonly string[]): BenchRow => ({
    group: 'command line, cold process',
    name: `crypto ${args.join(' ')}`,
    value: commandSeconds(args, runs) * 1000,
    unit: 'ms',
    budget: { atMost: 150 },
  })
  return [row(['--help']), row(['config', 'validate'])]
}

/** One configured backtest over a whole series, from the start of the process to its end. */
export function measureColdRun(source: LakeSource, dir: string, runs: number): BenchRow {
  writeConfig(source, dir)
  const seconds = commandSeconds(['backtest', 'run', 'bench', '--json', '--config-dir', dir], runs)
  const minutes = (source.toMs - source.fromMs) / 60_000
  return {
    group: 'command line, cold process',
    name: 'crypto backtest run',
    value: seconds,
    unit: 's',
    budget: { atMost: 1 },
    note: `one strategy over ${minutes} one-minute bars, result printed`,
  }
}

/** Writes the shipped configuration with one strategy and one backtest over `source` in place of its own. */
function writeConfig(source: LakeSource, dir: string): void {
  mkdirSync(dir, { recursive: true })
  cpSync(join(ROOT, 'config', 'exchanges.yaml'), join(dir, 'exchanges.yaml'))
  const { symbol, interval, exchange } = source
  const params = { fast_period: 20, slow_period: 130 }
  const market = { symbols: [symbol], interval }
  const period = { start: dayOf(source.fromMs), end: dayOf(source.toMs) }
  const files = {
    settings: { default_exchange: exchange, data: { lake: source.lake } },
    strategies: { strategies: { bench: { type: 'sma_crossover', params, ...market } } },
    backtests: { backtests: { bench: { strategies: ['bench'], symbol, ...period } } },
    sweeps: { sweeps: {} },
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(dir, `${name}.yaml`), JSON.stringify(content))
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** @throws Error with the command's own message when it fails */
function commandSeconds(args: readonly string[], runs: number): number {
  const run = () => {
    const start = performance.now()
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, 'src/cli/main.ts', ...args], {
      cwd: ROOT,
    })
    if (exitCode !== 0)
      throw new Error(`crypto ${args.join(' ')} failed: ${stderr.toString().trim()}`)
    return (performance.now() - start) / 1000
  }
  run()
  return median(Array.from({ length: runs }, run))
}
