import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unusedWarnings } from '../../../src/app/backtest/unused-params.ts'
import { BUILTIN_STRATEGIES } from '../../../src/app/builtins.ts'
import { generateBuiltins } from '../../../src/app/generate-builtins.ts'

const root = mkdtempSync(join(tmpdir(), 'builtins-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function sourcesOf(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(root, 'src-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return dir
}

describe('builtins.ts', () => {
  test('lists what the folders hold; if not, run: bun src/app/generate-builtins.ts', () => {
    const committed = join(import.meta.dir, '../../../src/app/builtins.ts')
    expect(readFileSync(committed, 'utf8')).toBe(generateBuiltins())
  })

  test('lists strategies whose every parameter reaches a signal', () => {
    expect(BUILTIN_STRATEGIES.flatMap((it) => unusedWarnings(it))).toEqual([])
  })
})

describe('generateBuiltins', () => {
  test('imports every definition statically, sorted by path', () => {
    const text = generateBuiltins(
      sourcesOf({
        'strategies/technical/sma-crossover.ts': 'export default {}',
        'strategies/momentum/roc-momentum.ts': 'const a = {}\nexport { a as default }',
        'exchanges/binance/index.ts': 'export default {}',
        'exchanges/binance/client.ts': 'export const x = 1',
        'exchanges/exchange.ts': 'export const y = 1',
        'indicators/moving-averages.ts': 'export const definitions = []',
        'indicators/helper.ts': 'export const z = 1',
        'indicators/index.ts': 'export const definitions = []',
      }),
    )
    const imports = text.split('\n').filter((line) => /^import (?!type)/.test(line))
    expect(imports).toEqual([
      "import binance from '../exchanges/binance/index.ts'",
      "import { definitions as movingAverages } from '../indicators/moving-averages.ts'",
      "import rocMomentum from '../strategies/momentum/roc-momentum.ts'",
      "import smaCrossover from '../strategies/technical/sma-crossover.ts'",
    ])
    expect(text).toContain('= [binance]')
    expect(text).toContain('= [...movingAverages]')
    expect(text).toContain('= [rocMomentum, smaCrossover]')
    expect(text).not.toContain('import(')
  })

  test('makes empty lists of folders that are empty or absent', () => {
    const text = generateBuiltins(sourcesOf({ 'strategies/technical/README.md': '' }))
    expect(text.match(/= \[\]/g)).toHaveLength(3)
  })

  test('breaks a list that does not fit on a line', () => {
    const names = Array.from({ length: 9 }, (_, i) => `strategies/technical/strategy-${i}.ts`)
    const sources = sourcesOf(Object.fromEntries(names.map((name) => [name, 'export default 1'])))
    expect(generateBuiltins(sources)).toContain('= [\n  strategy0,\n  strategy1,\n')
  })

  test('refuses a strategy without a default export', () => {
    const sources = sourcesOf({ 'strategies/technical/a.ts': 'export const a = 1' })
    expect(() => generateBuiltins(sources)).toThrow(
      'src/strategies/technical/a.ts has no default export',
    )
  })

  test('refuses two definitions with one file name', () => {
    const sources = sourcesOf({
      'strategies/technical/same-name.ts': 'export default 1',
      'strategies/momentum/same-name.ts': 'export default 1',
    })
    expect(() => generateBuiltins(sources)).toThrow('share a file name')
  })
})
