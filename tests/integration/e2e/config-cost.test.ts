import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'

setDefaultTimeout(60_000)

const dir = mkdtempSync(join(tmpdir(), 'config-cost-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const numbered = (count: number, of: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => of(i)).join('')
const sweep = (axis: string) =>
  `sweeps:\n  g:\n    strategy: sma_crossover\n    symbol: BTCUSDT\n    interval: 1h\n    start: "2024-01-01"\n    end: "2024-02-01"\n    params:\n      fast_period: [${axis}]\n`

/** What `config validate` of a file costs: processor time, as others may keep the machine busy; the better of two. */
async function validate(name: string, text: string) {
  const folder = join(dir, 'config')
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(ROOT, 'config'), folder, { recursive: true })
  writeFileSync(join(folder, `${name}.yaml`), text)
  const attempt = async () => {
    const before = process.cpuUsage()
    const words = ['--config-dir', folder, 'config', 'validate']
    const { code, out, err } = await cryptoInside(words, { cwd: dir })
    const { user, system } = process.cpuUsage(before)
    return { code, said: `${out}${err}`.replace(/\s+/g, ' '), seconds: (user + system) / 1e6 }
  }
  const [first, second] = [await attempt(), await attempt()]
  return { ...first, seconds: Math.min(first.seconds, second.seconds) }
}

describe('config validate takes less than two seconds of the processor', () => {
  test.each([
    ['100,000 brackets', 'settings', `results: ${'['.repeat(100_000)}`, 'nested more than 64'],
    ['50,000 unknown keys', 'settings', numbered(50_000, (i) => `k${i}: 1\n`), 'are the most'],
    ['20,000 unknown keys', 'settings', numbered(20_000, (i) => `k${i}: 1\n`), "unknown key 'k0'"],
    [
      'unknown keys in 4,000 entries',
      'strategies',
      `strategies:\n${numbered(4000, (i) => ` s${i}: {type: sma_crossover, a: 1, b: 1}\n`)}`,
      'more problems are not shown',
    ],
    [
      '5,000 unknown types',
      'strategies',
      `strategies:\n${numbered(5000, (i) => ` s${i}: {type: nope_${i}}\n`)}`,
      'more problems are not shown',
    ],
    [
      '200,000 values',
      'sweeps',
      sweep(numbered(200_000, (i) => `${i + 1},`)),
      '200000 are the most',
    ],
    ['60,000 maps on one line', 'settings', 'a: '.repeat(60_000), 'nested more than 64'],
    ['20,000 slips of one kind', 'settings', 'a: b: c\n'.repeat(20_000), 'not valid YAML'],
  ])('%s', async (_, name, text, message) => {
    const { code, said, seconds } = await validate(name, text)
    expect(code).toBe(2)
    expect(said).toContain(message)
    expect(seconds).toBeLessThan(2)
  })
})
