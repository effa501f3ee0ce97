import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { BUILTIN_INDICATORS, BUILTIN_STRATEGIES } from '../../../src/app/builtins.ts'
import { createRegistries, type Registries } from '../../../src/app/registries.ts'
import type { PluginProblem } from '../../../src/core/plugins.ts'

const SOURCE_DIR = join(import.meta.dir, '../../../src')
const root = mkdtempSync(join(tmpdir(), 'registries-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A plugin folder with the given files; `SRC` in their text stands for our source folder. */
function pluginsOf(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(root, 'plugins-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text.replaceAll('SRC', SOURCE_DIR))
  }
  return dir
}

async function load(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly registries: Registries; readonly problems: readonly PluginProblem[] }> {
  const problems: PluginProblem[] = []
  const onProblem = (problem: PluginProblem) => problems.push(problem)
  const registries = await createRegistries({ pluginDir: pluginsOf(files), onProblem })
  return { registries, problems }
}

const IMPORTS = `
import { Type } from '${import.meta.resolve('typebox')}'
import { above, and, below, crossesAbove, crossesBelow, operation } from 'SRC/kernel/expression.ts'
`

function strategyFile(
  name: string,
  params = 'period: Type.Integer({ minimum: 1, default: 20 })',
  exit = 'crossesBelow(close, average)',
): string {
  return `${IMPORTS}
export default {
  name: '${name}',
  description: 'Long above an average.',
  params: Type.Object({ ${params} }),
  signals: ({ close }, p) => {
    const average = operation('sma', [close], [p.period])
    return { enterLong: crossesAbove(close, average), exitLong: ${exit} }
  },
}`
}

const INDICATOR = `{
  name: 'mine', description: 'Mine.', category: 'channel', inputs: ['source'], outputs: ['value'],
  params: Type.Object({ period: Type.Integer({ default: 5 }) }),
  build: ({ source }, { period }) => ({ value: operation('sma', [source], [period]) }),
}`

const EXCHANGE = `{
  name: 'my_venue', description: 'Mine.', marketKinds: ['spot'], intervals: ['1h'],
  rateLimitDefault: 60, options: Type.Object({}), hosts: () => ['api.example.com'], connect: async () => ({}),
}`

describe('createRegistries', () => {
  test('registers every built-in when no plugin folder is given', async () => {
    const { strategies, indicators, exchanges } = await createRegistries()
    expect(exchanges.names()).toEqual(['binance', 'ccxt'])
    expect(strategies.list()).toHaveLength(BUILTIN_STRATEGIES.length)
    expect(indicators.list()).toHaveLength(BUILTIN_INDICATORS.length)
    expect(indicators.has('sma')).toBe(true)
  })

  test('adds plugins of every kind from their folders', async () => {
    const { registries, problems } = await load({
      'strategies/average.ts': strategyFile('average'),
      'exchanges/venue.ts': `${IMPORTS}\nexport default ${EXCHANGE}`,
      'indicators/mine.ts': `${IMPORTS}\nexport default [${INDICATOR}]`,
      'other/ignored.ts': "throw new Error('imported')",
    })
    expect(problems).toEqual([])
    expect(registries.strategies.sourceOf('average')).toEndWith('strategies/average.ts')
    expect(registries.exchanges.names()).toEqual(['binance', 'ccxt', 'my_venue'])
    expect(registries.indicators.sourceOf('mine')).toEndWith('indicators/mine.ts')
  })

  test('reports broken plugins of every kind and keeps the others', async () => {
    const { registries, problems } = await load({
      'strategies/bad.ts': "throw new Error('no luck')",
      'strategies/good.ts': strategyFile('good'),
      'indicators/bad.ts': 'export default 5',
      'exchanges/taken.ts': `${IMPORTS}\nexport default ${EXCHANGE.replace('my_venue', 'binance')}`,
    })
    expect(registries.strategies.has('good')).toBe(true)
    expect(problems.map(({ path }) => path.split('/').slice(-2).join('/'))).toEqual([
      'strategies/bad.ts',
      'indicators/bad.ts',
      'exchanges/taken.ts',
    ])
    expect(problems[2]?.reason).toContain('already registered by built-in')
  })

  test.each([
    ['params: 5, signals() {}', 'params must be a Type.Object'],
    ['params: Type.String(), signals() {}', 'params must be a Type.Object'],
    ['params: Type.Object({})', 'signals must be a function'],
    ['params: Type.Object({}), signals: () => undefined', 'must return { enterLong, exitLong }'],
    [
      'params: Type.Object({}), signals: ({ close }) => ({ enterLong: above(close, 1), exitLong: below(close, 1), stop_loss: 0.05 })',
      "'stop_loss', which is not supported",
    ],
    [
      'params: Type.Object({}), signals: ({ close }) => ({ enterLong: and(above(close, 1), true), exitLong: below(close, 1) })',
      'signals.enterLong: true is no condition',
    ],
    [
      'params: Type.Object({}), signals: ({ close }) => ({ enterLong: above(close, Infinity), exitLong: below(close, 1) })',
      'Infinity is no finite number',
    ],
    [
      `params: Type.Object({ n: Type.Integer({ minimum: 1, default: 3 }) }), signals: ({ close }, p) => ({ enterLong: above(close, operation("sma", [close], [p.n * 2])), exitLong: below(close, 1) })`,
      'was used as a plain value',
    ],
    [
      'params: Type.Object({ mode: Type.Integer({ minimum: 0, maximum: 1, default: 1 }) }), signals: ({ close }, p) => p.mode === 1 ? { enterLong: above(close, 1), exitLong: below(close, 1) } : { enterLong: below(close, 1), exitLong: above(close, 1) }',
      'signals looks at the value of a parameter',
    ],
    ["params: Type.Object({}), signals() { throw new Error('boom') }", 'boom'],
  ])('refuses a strategy with %s', async (members, reason) => {
    const text = `${IMPORTS}\nexport default { name: 'odd', description: 'Odd.', ${members} }`
    const { registries, problems } = await load({ 'strategies/odd.ts': text })
    expect(registries.strategies.has('odd')).toBe(false)
    expect(problems[0]?.reason).toContain(reason)
  })

  test.each([
    ['period: Type.String()', "'period' must be a Type.Integer or a Type.Number"],
    ['period: Type.Integer({ minimum: 1 })', "'period' has no default"],
    ['period: Type.Integer({ minimum: 1, default: 0 })', 'default 0 of parameter'],
    ['period: Type.Integer({ default: 2.5 })', 'default 2.5 of parameter'],
    ['period: Type.Number({ maximum: 1, default: 2 })', 'default 2 of parameter'],
    ["period: Type.Number({ default: '2' })", 'default 2 of parameter'],
    ['period: Type.Number({ default: NaN })', 'default NaN of parameter'],
  ])('refuses the strategy parameter %s', async (params, reason) => {
    const { problems } = await load({ 'strategies/odd.ts': strategyFile('odd', params) })
    expect(problems[0]?.reason).toContain(reason)
  })

  test('refuses a strategy whose exit is a column and not a condition', async () => {
    const text = strategyFile('odd', undefined, 'average')
    const { problems } = await load({ 'strategies/odd.ts': text })
    expect(problems[0]?.reason).toContain('signals.exitLong: a node of kind')
  })

  test.each([
    ['[p.period]', '[p.perod]', "it uses the parameter 'perod'. Did you mean 'period'?"],
    ['{ close }', '{ clsoe: close }', "it uses the candle column 'clsoe'. Did you mean 'close'?"],
  ])('refuses a strategy with %s written as %s', async (from, to, reason) => {
    const text = strategyFile('odd').replace(from, to)
    const { problems } = await load({ 'strategies/odd.ts': text })
    expect(problems[0]?.reason).toContain(reason)
  })

  test.each([
    ["intervals: ['1h']", "intervals: ['soon']", "'soon' is not an interval"],
    ["intervals: ['1h']", "intervals: '1h'", 'intervals must be a list'],
    ['rateLimitDefault: 60', 'rateLimitDefault: 60, weightPerMinute: -1', 'weightPerMinute'],
    ['hosts:', 'host:', 'hosts must be a function'],
    ['connect:', 'connects:', 'connect must be a function'],
    ["['spot']", "['lottery']", 'marketKinds'],
    ['rateLimitDefault: 60', 'rateLimitDefault: 0', 'rateLimitDefault'],
    ['options: Type.Object({})', 'options: {}', 'options must be a Type.Object'],
  ])('refuses an exchange when %s is %s', async (from, to, reason) => {
    const text = `${IMPORTS}\nexport default ${EXCHANGE.replace(from, to)}`
    const { problems } = await load({ 'exchanges/odd.ts': text })
    expect(problems[0]?.reason).toContain(reason)
  })

  test.each([
    ["category: 'channel',", '', 'category must be a word'],
    ["inputs: ['source']", "inputs: 'source'", 'inputs must be a list'],
    ["outputs: ['value']", 'outputs: []', 'outputs must be a list'],
    ["outputs: ['value']", "outputs: ['value', 'upper']", 'a series as upper'],
    ['build:', 'built:', 'build must be a function'],
    ['{ default: 5 }', '{ minimum: 1 }', "'period' has no default"],
  ])('refuses an indicator when %s is %s', async (from, to, reason) => {
    const text = `${IMPORTS}\nexport default ${INDICATOR.replace(from, to)}`
    const { problems } = await load({ 'indicators/odd.ts': text })
    expect(problems[0]?.reason).toContain(reason)
  })

  test('lets a plugin outside of the package import the builders', async () => {
    const { registries, problems } = await load({
      'strategies/outside.ts': `
        import { above, below, defineStrategy, sma, Type } from 'crypto-platform/strategy'
        export default defineStrategy({
          name: 'outside',
          description: 'Written far away.',
          apiVersion: 1,
          params: Type.Object({ period: Type.Integer({ default: 20 }) }),
          signals: ({ close }, p) => {
            const average = sma(close, p.period)
            return { enterLong: above(close, average), exitLong: below(close, average) }
          },
        })`,
    })
    expect(problems).toEqual([])
    expect(registries.strategies.sourceOf('outside')).toEndWith('outside.ts')
  })
})

describe('the shipped plugins', () => {
  test('all load', async () => {
    const problems: PluginProblem[] = []
    const { strategies } = await createRegistries({
      pluginDir: join(SOURCE_DIR, '../plugins'),
      onProblem: (problem) => problems.push(problem),
    })
    expect(problems).toEqual([])
    expect(strategies.sourceOf('price_channel_filter')).toEndWith('price-channel-filter.ts')
  })
})
