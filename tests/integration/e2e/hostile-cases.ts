import { atImport, HEAD, inSignals, strategy } from './hostile.ts'

/**
 * What a plugin does, and what the command says about it; undefined: it does no harm and nothing has to be said. 1: it ends the
 * command, which names it.
 */
export const HOSTILE: readonly (readonly [string, string, string | undefined, 1?])[] = [
  ['exits at import', atImport('process.exit(0)'), 'process.exit(0)'],
  ['exits from a timer', atImport('setTimeout(() => process.exit(0), 1)'), undefined],
  ['exits in signals', inSignals('process.exit(0)'), 'process.exit(0)'],
  ['really exits', atImport('process.reallyExit(0)'), 'process.reallyExit'],
  ['aborts', atImport('process.abort()'), 'process.abort'],
  ['kills itself', atImport("process.kill(process.pid, 'SIGKILL')"), 'process.kill'],
  ['kills itself by the back door', atImport('process._kill(process.pid, 9)'), 'process._kill'],
  ['goes elsewhere', atImport("process.chdir('/')"), 'process.chdir(/)'],
  ['says that it is over', atImport("process.emit('exit', 0)"), 'ended before its result', 1],
  ['replaces workers', atImport('globalThis.Worker = class {}'), 'Worker'],
  ['replaces files', atImport('Bun.file = () => null'), 'Bun.file'],
  [
    'ticks for ever',
    atImport('const tick = () => process.nextTick(tick); tick()'),
    'did not give the main thread back',
    1,
  ],
  [
    'queues for ever',
    atImport('const next = () => queueMicrotask(next); next()'),
    'did not give the main thread back',
    1,
  ],
  [
    'is a looping proxy',
    `${HEAD}${strategy().replace('export default', 'const ok =')}\nexport default new Proxy(ok, { get() { while (true) {} } })`,
    'did not finish within',
  ],
  [
    'throws late without a trace',
    atImport("Error.stackTraceLimit = 0; setTimeout(() => { throw new Error('untraced') }, 1)"),
    undefined,
  ],
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
    `${HEAD}export default defineStrategy({\n  name: 'comma'\n  description: 'x',\n})`,
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
    `let n = 2\n${HEAD}${strategy('').replaceAll('p.period', 'n++')}`,
    'hostile.ts',
  ],
  [
    'returns a promise',
    `${HEAD}${strategy().replace('signals: (', 'signals: async (')}`,
    'is no condition',
  ],
  ['prints a megabyte', atImport("console.log('x'.repeat(1e6))"), undefined],
  [
    'mutates its definition',
    `${HEAD}const d = {name: 'hostile', description: 'x', params: Type.Object({}), signals: ({close}) => ({enterLong: above(close, 1), exitLong: below(close, 1)})}\nsetTimeout(() => { d.name = 'x'; d.signals = null }, 1)\nexport default d`,
    undefined,
  ],
  [
    'is a throwing proxy',
    "export default new Proxy({ name: '' }, { get() { throw new Error('trap') } })",
    'trap',
  ],
  [
    'has a schema with a cycle',
    `${HEAD}const s = Type.Object({ a: Type.Integer({ default: 1 }) }); s.properties.a.self = s\n${strategy().replace(/params: .*/, 'params: s,')}`,
    'hostile',
  ],
]
