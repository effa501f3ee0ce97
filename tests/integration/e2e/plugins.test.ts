import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { crypto, documentOf, makeProject, ROOT, type SweepDocument } from './crypto.ts'

setDefaultTimeout(60_000)

/** Where `crypto-platform/strategy` lies; a plugin outside the repository would have it installed beside it. */
const INDICATORS = `${ROOT}/src/indicators/index.ts`

describe('plugins', () => {
  const shipped = readFileSync(
    `${import.meta.dir}/../../../plugins/strategies/price-channel-filter.ts`,
    'utf8',
  )
  const plugged = makeProject({
    'plugins/strategies/a-throws.ts': "throw new Error('no licence for Mondays')\n",
    'plugins/strategies/b-nonsense.ts': 'export default 42\n',
    'plugins/strategies/c-syntax.ts': 'export default {{{\n',
    'plugins/strategies/d-taken.ts': shipped
      .replace('price_channel_filter', 'sma_crossover')
      .replace('crypto-platform/strategy', INDICATORS),
    'plugins/strategies/e-nothing.ts': 'export const name = 1\n',
    'plugins/strategies/f-works.ts': shipped.replace('crypto-platform/strategy', INDICATORS),
  })
  afterAll(plugged.remove)
  const options = { cwd: plugged.dir }
  const list = crypto(['strategies', 'list', '--json'], options)
  const human = crypto(['strategies', 'list'], options)
  plugged.write(
    'config/sweeps.yaml',
    `sweeps:
  plugged:
    strategy: price_channel_filter
    symbol: ETHUSDT
    interval: 4h
    start: "2023-10-01"
    end: "2024-10-01"
    params: { entry_period: [20, 55], exit_period: [10, 20], trend_period: [100, 200] }
`,
  )
  const sweep = crypto(['backtest', 'sweep', 'plugged', '--json'], options)

  test('that throw or export nonsense are reported with path and reason', async () => {
    const { result, warnings } = documentOf<{ strategies: { name: string; source: string }[] }>(
      await list,
    )
    const problems = [
      ['a-throws.ts', 'no licence for Mondays'],
      ['b-nonsense.ts', 'its default export is a number, not a definition'],
      ['c-syntax.ts', 'c-syntax.ts:1:17: '],
      ['d-taken.ts', 'sma_crossover'],
      ['e-nothing.ts', 'has no default export'],
    ] as const
    expect(warnings).toHaveLength(problems.length)
    const told = (await human).out + (await human).err
    for (const [i, [file, reason]] of problems.entries()) {
      expect(warnings[i]?.code).toBe('PLUGIN_REFUSED')
      expect(warnings[i]?.message).toStartWith(plugged.path('plugins/strategies', file))
      expect(warnings[i]?.message).toContain(reason)
      expect(told.replace(/\s+/g, ' ')).toContain(file)
      expect(told.replace(/\s+/g, ' ')).toContain(reason)
    }
    const found = result.strategies.find(({ name }) => name === 'price_channel_filter')
    expect(found?.source).toEndWith('plugins/strategies/f-works.ts')
    expect(result.strategies).toHaveLength(9)
  })

  test('leave the rest working, the good plugin in a sweep included', async () => {
    const finished = await sweep
    const { result } = documentOf<SweepDocument>(finished)
    expect(result).toMatchObject({
      strategy: 'price_channel_filter',
      combinations: 8,
      completed: 8,
    })
    expect(result.top[0]?.metrics.trades).toBeGreaterThan(0)
    expect(finished.err.replace(/\s+/g, ' ')).toContain('no licence for Mondays')
    expect(existsSync(plugged.path('results/plugged.parquet'))).toBe(true)
  })
})
