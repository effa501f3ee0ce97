import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { crypto, makeProject } from './crypto.ts'

setDefaultTimeout(120_000)

const head = "import { above, below, defineStrategy, sma, Type } from 'crypto-platform/strategy'\n"
const strategy = (signals = '', members = '') => `export default defineStrategy({
  name: 'hostile', description: 'Hostile.',
  params: Type.Object({ period: Type.Integer({ minimum: 2, default: 5 }) }),
  signals: ({ close }, p) => { ${signals}; return { enterLong: above(close, sma(close, p.period)), exitLong: below(close, sma(close, p.period)) } },
  ${members}
})`
const atImport = (code: string) => `${head}${code}\n${strategy()}`
const inSignals = (code: string) => head + strategy(code)

/** What a plugin does, and what the command says about it; undefined: it does no harm and nothing has to be said. */
const HOSTILE: readonly (readonly [string, string, string | undefined])[] = [
  ['exits at import', atImport('process.exit(0)'), 'process.exit(0)'],
  ['exits from a timer', atImport('setTimeout(() => process.exit(0), 1)'), undefined],
  ['exits in signals', inSignals('process.exit(0)'), 'process.exit(0)'],
  ['really exits', atImport('process.reallyExit(0)'), 'process.reallyExit'],
  ['aborts', atImport('process.abort()'), 'process.abort'],
  ['kills itself', atImport("process.kill(process.pid, 'SIGKILL')"), 'process.kill'],
  [
    'exits by the module',
    `import { exit } from 'node:process'\n${atImport('exit(0)')}`,
    'process.exit(0)',
  ],
  ['sets the exit code', atImport('process.exitCode = 7'), undefined],
  ['loops at import', atImport('while (true) {}'), 'did not finish within'],
  [
    'loops and catches',
    atImport('try { while (true) {} } finally { while (true) {} }'),
    'did not finish within',
  ],
  ['loops in signals', inSignals('while (true) {}'), 'did not finish within'],
  [
    'loops in a getter',
    `export default { get name() { while (true) {} } }`,
    'did not finish within',
  ],
  ['waits for ever', atImport('await new Promise(() => {})'), 'did not finish within'],
  ['leaves a timer', atImport('setInterval(() => {}, 1000)'), undefined],
  ['leaves a server', atImport('Bun.serve({ port: 0, fetch: () => new Response() })'), undefined],
  [
    'leaves a worker',
    atImport("new Worker('data:text/javascript,setInterval(() => {}, 9)')"),
    undefined,
  ],
  [
    'rejects late',
    atImport("Promise.reject(new Error('settings server is away'))"),
    'settings server is away',
  ],
  ['throws late', atImport("setTimeout(() => { throw new Error('late') }, 1)"), undefined],
  ['throws a number', 'throw 5', 'cannot be imported: 5'],
  ['throws nothing', 'throw undefined', 'cannot be imported: undefined'],
  ['throws what throws', 'throw { get message() { throw 1 } }', 'cannot be shown'],
  [
    'has a comma missing',
    `${head}export default defineStrategy({\n  name: 'comma'\n  description: 'x',\n})`,
    'hostile.ts:4:3: Expected "}" but found "description"',
  ],
  ...[
    ['Array.prototype.map = () => []', 'Array.prototype.map'],
    ["JSON.stringify = () => '{}'", 'JSON.stringify'],
    ['Math.min = () => 0', 'Math.min'],
    ['console.log = () => {}', 'console.log'],
    ['process.stdout.write = () => true', 'process.stdout.write'],
    ['globalThis.fetch = () => {}', 'globalThis.fetch'],
    ['Object.prototype.polluted = 1', 'Object.prototype.polluted'],
    ['globalThis.Promise = class {}', 'globalThis.Promise'],
    ['process.exit = () => {}', 'process.exit'],
    ['globalThis.process = {}', 'globalThis.process'],
    ['delete Array.prototype.push', 'Array.prototype.push'],
    ['Map.prototype.get = () => 1', 'Map.prototype.get'],
    ['String.prototype.split = () => []', 'String.prototype.split'],
  ].map(
    ([code, name]) => [`changes ${name}`, atImport(code as string), `it changes ${name}`] as const,
  ),
  ['changes a built-in in signals', inSignals('Math.max = () => 0'), 'it changes Math.max'],
  [
    'builds another graph each time',
    `let n = 2\n${head}${strategy('').replaceAll('p.period', 'n++')}`,
    'hostile.ts',
  ],
  [
    'returns a promise',
    `${head}${strategy().replace('signals: (', 'signals: async (')}`,
    'is no condition',
  ],
  ['prints a megabyte', atImport("console.log('x'.repeat(1e6))"), undefined],
  [
    'mutates its definition',
    `${head}const d = {name: 'hostile', description: 'x', params: Type.Object({}), signals: ({close}) => ({enterLong: above(close, 1), exitLong: below(close, 1)})}\nsetTimeout(() => { d.name = 'x'; d.signals = null }, 1)\nexport default d`,
    undefined,
  ],
  [
    'is a throwing proxy',
    "export default new Proxy({}, { get() { throw new Error('trap') } })",
    'trap',
  ],
  [
    'has a schema with a cycle',
    `${head}const s = Type.Object({ a: Type.Integer({ default: 1 }) }); s.properties.a.self = s\n${strategy().replace(/params: .*/, 'params: s,')}`,
    'hostile',
  ],
]

describe('a plugin that', () => {
  const projects = HOSTILE.map(([, text]) => makeProject({ 'plugins/strategies/hostile.ts': text }))
  afterAll(() => {
    for (const project of projects) project.remove()
  })
  const runs = projects.map(({ dir }) =>
    crypto(['strategies', 'list', '--json'], {
      cwd: dir,
      env: { CRYPTO_PLUGIN_MS_MAX: '500' },
      shell: 'ulimit -t 20;',
    }),
  )

  test.each(HOSTILE.map(([name], i) => [name, i] as const))(
    '%s neither hangs nor ends the command in silence',
    async (_, i) => {
      const { code, out, err } = await (runs[i] as (typeof runs)[number])
      const said = HOSTILE[i]?.[2]
      expect({ code, err: err.slice(0, 300) }).toMatchObject({ code: 0 })
      expect(JSON.parse(out).result.strategies.length).toBeGreaterThan(7)
      if (said === undefined) return
      const told = err.replace(/\s+/g, ' ')
      expect(told).toContain('hostile.ts')
      expect(told).toContain(said)
    },
  )
})
