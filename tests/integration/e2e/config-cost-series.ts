import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'

const dir = mkdtempSync(join(tmpdir(), 'config-cost-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const numbered = (count: number, of: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => of(i)).join('')
/** As many of a piece as a file may hold. */
const full = (of: (i: number) => string, bytes = 198_000) => {
  const pieces: string[] = []
  for (let i = 0, size = of(0).length; size <= bytes; i += 1, size += of(i).length)
    pieces.push(of(i))
  return pieces.join('')
}
const sweep = (axis: string) =>
  `sweeps:\n  g:\n    strategy: sma_crossover\n    symbol: BTCUSDT\n    interval: 1h\n    start: "2024-01-01"\n    end: "2024-02-01"\n    params:\n      fast_period: [${axis}]\n`

const SECONDS_MAX = 2

/** What `config validate` of a file costs: processor time, as others may keep the machine busy; too much is measured again. */
async function validate(name: string, text: string) {
  // A file that is read again from the same place is not parsed again.
  const attempt = async (folder: string) => {
    cpSync(join(ROOT, 'config'), folder, { recursive: true })
    writeFileSync(join(folder, `${name}.yaml`), text)
    const before = process.cpuUsage()
    const words = ['--config-dir', folder, 'config', 'validate']
    const { code, out, err } = await cryptoInside(words, { cwd: dir })
    const { user, system } = process.cpuUsage(before)
    rmSync(folder, { recursive: true })
    return { code, said: `${out}${err}`.replace(/\s+/g, ' '), seconds: (user + system) / 1e6 }
  }
  const first = await attempt(join(dir, 'a'))
  return first.seconds < SECONDS_MAX ? first : await attempt(join(dir, 'b'))
}

/** Files of up to 200 kB that take long to read: name, file, text, and what is said of them. */
const FILES: readonly (readonly [string, string, string, string])[] = [
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
  ['200,000 values', 'sweeps', sweep(numbered(200_000, (i) => `${i + 1},`)), '200000 are the most'],
  ['60,000 maps on one line', 'settings', 'a: '.repeat(60_000), 'nested more than 64'],
  ['20,000 slips of one kind', 'settings', 'a: b: c\n'.repeat(20_000), 'not valid YAML'],
  ['equal values', 'sweeps', sweep('1,'.repeat(99_000)), '1 is listed twice'],
  ['wrong values', 'sweeps', sweep('x,'.repeat(99_000)), "must be a number, was 'x'"],
  ['empty lists', 'sweeps', sweep('[],'.repeat(66_000)), 'found a list or map'],
  ['empty sweeps', 'sweeps', `sweeps:\n${full((i) => ` g${i}: {}\n`)}`, "key 'params' is missing"],
  ['deep maps', 'settings', full((i) => `k${i}: ${'{a: '.repeat(60)}1${'}'.repeat(60)}\n`), "'k0'"],
  ['long keys', 'settings', full((i) => `${'k'.repeat(1000)}${i}: 1\n`), 'unknown key'],
  ['keys given twice', 'settings', full(() => 'a: 1\n'), 'appears twice'],
  ['keys that are lists', 'settings', full(() => '[a]: 1\n'), "unknown key '?'"],
  ['anchors and aliases', 'settings', full((i) => `k${i}: [&a${i} 1, *a${i}]\n`), "'k0'"],
  [
    'a map that many merge',
    'sweeps',
    `x: &x {${full((i) => `k${i}: 1,`, 99_000)}}\nsweeps:\n${full((i) => ` g${i}: {<<: *x}\n`, 99_000)}`,
    'repeats more than 50000 values',
  ],
  [
    'a map that one merges often',
    'settings',
    `a: &a {${full((i) => `x${i}: 1,`, 99_000)}}\ndatabase: {<<: [${full(() => '*a ,', 98_000)}]}`,
    'repeats more than 50000 values',
  ],
  [
    'maps that merge the one before',
    'strategies',
    `m0: &m0 {p: 1}\n${full((i) => `m${i + 1}: &m${i + 1} {<<: *m${i}, k${i}: 1}\n`)}`,
    'repeats more than 50000 values',
  ],
  [
    'entries that merge one',
    'strategies',
    `x: &x {type: sma_crossover, symbols: [A], interval: 1h}\nstrategies:\n${full((i) => ` s${i}: {<<: *x}\n`)}`,
    'repeats more than 50000 values',
  ],
  ['comments', 'settings', `${full((i) => `# c${i}\n`)}x:`, "unknown key 'x'"],
  ['lines of text', 'settings', `x: "a\n${full(() => '  b\n')}  "`, "unknown key 'x'"],
  ['folded lines', 'settings', `x: >\n${full(() => '  a\n   b\n')}`, "unknown key 'x'"],
  ['quotes that stay open', 'settings', full((i) => `k${i}: "\n`), 'not valid YAML'],
  ['variables', 'sweeps', sweep(full((i) => `"\${A${i}}",`)), 'A0 is not set'],
  ['variables in what does not parse', 'settings', `[\n${full((i) => `k: \${A${i}}\n`)}`, 'YAML'],
  ['tags', 'settings', `b: [${full(() => '!a x,')}]`, 'not valid YAML'],
  ['lists', 'settings', full((i) => `k${i}: [a,b,c]\n`), "unknown key 'k0'"],
  ['documents', 'settings', full((i) => `---\na: ${i}\n`), 'a file holds one document'],
  ['a long text', 'settings', `database: { port: ${'x'.repeat(198_000)} }`, 'must be an integer'],
  ['brackets that close nothing', 'settings', ']'.repeat(198_000), 'not valid YAML'],
  ['a list that becomes a map', 'settings', `- 1\n${full(() => 'b: 1\n')}`, 'not valid YAML'],
  ['secrets', 'settings', `password: [${full((i) => `secretnumber${i}, `)}]`, 'unknown key'],
  [
    'keys that stand in the file',
    'exchanges',
    `exchanges:\n${full((i) => ` e${i}: {api_key: secret_number_${i}}\n`)}`,
    'must not stand in the file',
  ],
]

/** @param every one file in so many is tried */
export function testConfigCost(every: number): void {
  setDefaultTimeout(60_000)
  const files = FILES.filter((_, i) => i % every === 0)

  describe('config validate takes less than two seconds of the processor', () => {
    test.each(files)('%s', async (_, name, text, message) => {
      const { code, said, seconds } = await validate(name, text)
      expect(code).toBe(2)
      expect(said).toContain(message)
      expect(seconds).toBeLessThan(SECONDS_MAX)
    })
  })
}
