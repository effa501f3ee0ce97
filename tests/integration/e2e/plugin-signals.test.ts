import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { documentOf } from './crypto.ts'
import { HEAD, projectWith, runIn, unfolded } from './hostile.ts'

setDefaultTimeout(60_000)

const SHOW = ['strategies', 'show', 'hostile']
const RUN_OWN = ['backtest', 'run', 'own', '--json']
const FILES = {
  'config/strategies.yaml': `strategies:
  mine: { type: hostile, symbols: [ETHUSDT], interval: 4h }
`,
  'config/backtests.yaml': `backtests:
  own: { strategies: [mine], symbol: ETHUSDT, start: "2023-10-01", end: "2024-10-01" }
`,
  'config/sweeps.yaml': `sweeps:
  own: { strategy: hostile, symbol: ETHUSDT, interval: 4h, start: "2023-10-01", end: "2024-10-01", params: { fast: [5, 10], ghost: [1, 2, 3] } }
`,
}

const plugin = (enterLong: string, before = '') => `${HEAD}export default defineStrategy({
  name: 'hostile', description: 'Mine.',
  params: Type.Object({ fast: Type.Integer({ minimum: 2, default: 5 }), ghost: Type.Integer({ minimum: 1, default: 1 }) }),
  signals: ({ close, volume }, p) => {
    const average = sma(close, p.fast)
    ${before}
    return { enterLong: ${enterLong}, exitLong: below(close, average) }
  },
})`

/** What a plugin writes that JavaScript decides and not the graph, and the node that is told to be lost or looked at. */
const LOST = [
  ['&&', 'above(close, average) && above(volume, 1)', '', 'above(close, sma(close, fast))'],
  ['||', 'above(close, average) || above(volume, 1)', '', 'above(close, sma(close, fast))'],
  [
    '!',
    'and(above(close, average), !above(volume, 1) ? above(close, 1) : above(close, 2))',
    '',
    'above(volume, 1)',
  ],
  ['?:', 'above(volume, 1) ? above(close, average) : above(close, 2)', '', 'above(volume, 1)'],
  ['if', 'above(close, average)', 'if (above(volume, 1)) p = { ...p }', 'above(volume, 1)'],
  [
    'a series that is dropped',
    'above(close, average)',
    'const slow = sma(volume, 50)',
    'sma(volume, 50)',
  ],
  [
    'a condition that is dropped',
    'above(close, average)',
    'and(above(volume, 1), above(close, 3))',
    'and(above(volume, 1), above(close, 3))',
  ],
] as const

describe('signals in a file on disk that lose a node by', () => {
  test.each(LOST)(
    '%s are refused by name, by show and by a run',
    async (_, enter, before, node) => {
      const project = projectWith(plugin(enter, before), FILES)
      const [shown, ran] = await Promise.all([runIn(project, SHOW), runIn(project, RUN_OWN)])
      project.remove()
      expect([shown.code, ran.code]).toEqual([2, 2])
      for (const { err } of [shown, ran]) {
        const said = unfolded(err)
        expect(said).toContain('hostile.ts')
        expect(said).toContain(node)
        expect(said).toContain('and() and or()')
      }
      expect(JSON.parse(ran.out)).toMatchObject({ ok: false })
    },
  )

  test('none run, joined by and() and or()', async () => {
    const enter = 'or(and(above(close, average), above(volume, 1)), not(below(close, p.ghost)))'
    const project = projectWith(plugin(enter), FILES)
    const ran = await runIn(project, RUN_OWN)
    project.remove()
    expect(documentOf(ran).warnings.map(({ code }) => code)).not.toContain('PLUGIN_REFUSED')
  })
})

describe('a parameter that reaches no signal is told by', () => {
  const project = projectWith(plugin('above(close, average)'), FILES)
  afterAll(project.remove)
  const COMMANDS = [
    ['strategies', 'show', 'hostile'],
    ['config', 'validate'],
    ['backtest', 'sweep', 'own'],
  ]
  const text = "parameter 'ghost' of strategy 'hostile' reaches none of its signals"

  test.each(COMMANDS)('%s %s, for people and as JSON', async (...words) => {
    const wanted = words.filter((word) => typeof word === 'string')
    const human = await runIn(project, wanted)
    const { warnings } = documentOf(await runIn(project, [...wanted, '--json']))
    const found = warnings.filter(({ code }) => code === 'PARAM_UNUSED')
    expect(human.code).toBe(0)
    expect(found).toHaveLength(1)
    for (const said of [found[0]?.message ?? '', human.out + human.err]) {
      expect(unfolded(said)).toContain(text)
      expect(unfolded(said)).toContain('as an axis of a sweep it only repeats rows')
      expect(unfolded(said)).not.toContain("'fast'")
    }
  })
})
