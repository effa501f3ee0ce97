import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { HEAD, LIST, projectWith, runIn, strategy, unfolded } from './hostile.ts'
import { HELD, LOOP, testLatePlugins } from './late-series.ts'

setDefaultTimeout(60_000)

// `tests/endurance/plugins.ts` tries all.
testLatePlugins(6)

test('a getter that loops when it is read again is read once', async () => {
  const schema = `const limits = { type: 'integer', default: 5 }
let reads = 0
Object.defineProperty(limits, 'minimum', { enumerable: true, get() { if (++reads > 1) ${LOOP} return 2 } })
`
  const text = HEAD + schema + strategy().replace(/Type\.Integer\(.*?\}\)/, 'limits')
  const project = projectWith(text)
  const { code, out } = await runIn(project, LIST)
  project.remove()
  expect(code).toBe(0)
  expect(JSON.parse(out).result.strategies.map(({ name }: { name: string }) => name)).toContain(
    'hostile',
  )
})

// The check calls them eleven times.
test('signals that loop when they are called once more are not called', async () => {
  const text = `${HEAD}let calls = 0\n${strategy(`if (++calls > 12) ${LOOP}`)}`
  const project = projectWith(text)
  const { code } = await runIn(project, ['strategies', 'show', 'hostile', '--json'])
  project.remove()
  expect(code).toBe(0)
})

test('long work of ours is no loop of a plugin, whatever timers it has', async () => {
  const project = projectWith(undefined, {
    'work.ts': `import { allowPluginWatch, enterPlugin, leavePlugin, watchPlugins } from '${import.meta.dir}/../../../src/app/plugins/watch.ts'
const busy = (ms: number) => { const end = Date.now() + ms; while (Date.now() < end) {} }
allowPluginWatch()
watchPlugins(100)
enterPlugin('/mine.ts')
setInterval(() => {}, 5)
setTimeout(() => busy(50), 5)
leavePlugin('/mine.ts')
await new Promise((resolve) => setTimeout(resolve, 100))
busy(2_000)
setTimeout(() => { busy(2_000); console.log('done'); process.exit(0) }, 1)
`,
  })
  const child = Bun.spawn([process.execPath, project.path('work.ts')], { stderr: 'pipe' })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  project.remove()
  expect({ out, err, code: await child.exited }).toEqual({ out: 'done\n', err: '', code: 0 })
})

const venue = (members: string) => `import { defineExchange, Type } from 'crypto-platform/exchange'
const never = () => new Promise(() => {})
export default defineExchange({
  name: 'my_venue', description: 'Mine.', options: Type.Object({}), marketKinds: ['spot'], intervals: ['1h'], rateLimitDefault: 60,
  hosts: () => ['venue.example.com'], connect: async () => ({ name: 'mine', candlesPerPage: 10, seeksForward: true, intervals: ['1h'],
    serverTime: async () => 0, markets: async () => [], candles: async () => [], close: async () => {} }),
  ${members}
})`
const EXCHANGES = {
  'config/exchanges.yaml': 'exchanges: { mine: { adapter: my_venue } }',
  'config/settings.yaml': 'default_exchange: mine',
}
const INGEST = [
  'ingest',
  '--symbol',
  'BTCUSDT',
  '--interval',
  '1h',
  '--from',
  '2024-01-01',
  '--json',
]

describe('an exchange plugin that never answers', () => {
  const UNANSWERED = [
    ['connect()', 'connect: never'],
    ['hosts()', 'hosts: never'],
    ['requestsPerMinute()', 'requestsPerMinute: never'],
  ] as const
  test.each(UNANSWERED)('%s ends the command with a stated limit', async (what, members) => {
    const project = projectWith(venue(members), EXCHANGES, 'plugins/exchanges/mine.ts')
    const { code, out } = await runIn(project, INGEST)
    project.remove()
    expect(code).toBe(1)
    expect(JSON.parse(out).error).toMatchObject({
      code: 'PLUGIN_TIMEOUT',
      message: `The plugin ${project.path('plugins/exchanges/mine.ts')} did not finish ${what} within 500 ms.`,
    })
  })

  test('and loops in connect() ends it too', async () => {
    const text = venue(`connect: async () => { ${LOOP} }`)
    const project = projectWith(text, EXCHANGES, 'plugins/exchanges/mine.ts')
    const { code, err } = await runIn(project, INGEST)
    project.remove()
    expect(code).toBe(1)
    expect(unfolded(err)).toContain(`plugins/exchanges/mine.ts ${HELD}`)
  })
})
