import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { crypto, documentOf, type Finished, type SweepDocument } from './crypto.ts'
import {
  atImport,
  HEAD,
  inSignals,
  LIST,
  projectWith,
  RUN,
  runIn,
  SWEEP,
  strategy,
  unfolded,
} from './hostile.ts'
import { testHostileResults } from './hostile-series.ts'

setDefaultTimeout(60_000)

const digestOf = (finished: Finished) => documentOf<SweepDocument>(finished).result.digest

// `tests/endurance/plugins.ts` tries more.
testHostileResults(17)

describe('a change of built-in objects that comes after the import', () => {
  const LATER = [
    ['Array.prototype.map', 'Array.prototype.map = Array.prototype.filter', RUN],
    ['Math.max', 'Math.max = () => 0', SWEEP],
    ['JSON.stringify', "JSON.stringify = () => '{}'", SWEEP],
    ['Object.prototype.polluted', 'Object.prototype.polluted = 1', RUN],
  ] as const
  test.each(LATER)(
    'of %s ends the command with exit code 1 and names it',
    async (name, code, words) => {
      const project = projectWith(atImport(`setTimeout(() => { ${code} }, 60)`))
      const { code: exitCode, out, err } = await runIn(project, words)
      project.remove()
      const said = unfolded(out + err)
      expect(exitCode).toBe(1)
      expect(said).toContain(`changed ${name} while the command ran`)
      expect(said).toContain(project.path('plugins/strategies/hostile.ts'))
    },
  )
})

const period = (value: string) => HEAD + strategy().replaceAll('p.period', value)

/** A sweep of the plugin's own strategy. */
const OWN = {
  'config/sweeps.yaml': `sweeps:
  own: { strategy: hostile, symbol: ETHUSDT, interval: 4h, start: "2023-10-01", end: "2024-10-01", params: { period: [5, 10, 20, 40] } }
`,
}
const SWEEP_OWN = ['backtest', 'sweep', 'own', '--json']

describe('signals that differ', () => {
  const REFUSED = [
    ['by chance', period('2 + Math.floor(Math.random() * 1e6)')],
    ['by a counter', `let n = 2\n${period('n++')}`],
    ['by the clock', period('2 + Math.floor(performance.now() * 1e4) % 1e5')],
  ] as const
  test.each(REFUSED)('%s between calls are refused, also by a sweep', async (_, text) => {
    const project = projectWith(text, OWN)
    const [listed, swept] = await Promise.all([runIn(project, LIST), runIn(project, SWEEP_OWN)])
    project.remove()
    expect(unfolded(listed.err)).toContain('signals builds another graph when it is called again')
    expect(swept.code).toBe(2)
    expect(unfolded(swept.out + swept.err)).toContain('hostile')
  })

  test('in a worker do not: it gets the graph of the main thread', async () => {
    const text = inSignals('')
    const elsewhere =
      'if (!Bun.isMainThread) return { enterLong: below(close, p.period), exitLong: above(close, 1) }'
    const same = projectWith(text, OWN)
    const differs = projectWith(inSignals(elsewhere), OWN)
    const both = await Promise.all([runIn(same, SWEEP_OWN), runIn(differs, SWEEP_OWN)])
    same.remove()
    differs.remove()
    expect(digestOf(both[1])).toBe(digestOf(both[0]))
  })

  test('in a second process have another hash of their configuration', async () => {
    const project = projectWith(period('process.env.HOSTILE_PERIOD === "1" ? 30 : 60'), OWN)
    const [first, again, other] = await Promise.all(
      ['1', '1', '2'].map((value, i) =>
        crypto(SWEEP_OWN.concat('--output', project.path('results', `of-${i}`)), {
          cwd: project.dir,
          env: { HOSTILE_PERIOD: value },
        }),
      ),
    )
    project.remove()
    const hashOf = (finished: Finished | undefined) => documentOf(finished as Finished).run.config
    expect(hashOf(again)).toBe(hashOf(first))
    expect(hashOf(other)).not.toBe(hashOf(first))
  })
})

test('20 MB of JSON arrive whole at a slow reader', async () => {
  const text = inSignals('').replace("'Hostile.'", "'x'.repeat(20e6) + 'end'")
  const project = projectWith(text)
  const command = `"${process.execPath}" run crypto strategies show hostile --json | { sleep 1; head -c 1000000; sleep 1; cat; }`
  const child = Bun.spawn(['sh', '-c', command], { cwd: project.dir, stderr: 'pipe' })
  const out = await child.stdout.text()
  project.remove()
  expect(out.length).toBeGreaterThan(20e6)
  expect(JSON.parse(out).result.description).toEndWith('xend')
})
