import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { crypto, documentOf, makeProject } from './crypto.ts'

setDefaultTimeout(60_000)

const SECRET = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0M'

/** What a plugin may call, each with a word of its own. */
const CALLS: Readonly<Record<string, string>> = {
  log: "console.log('by-log', secret)",
  info: "console.info('by-info', secret)",
  debug: "console.debug('by-debug', secret)",
  warn: "console.warn('by-warn', secret)",
  error: "console.error('by-error', secret)",
  format: "console.log('by-%s', 'format', { secret })",
  long: "console.log({ 'by-long': '.'.repeat(9_980) + secret })",
  table: "console.table([{ word: 'by-table', secret }])",
  dir: "console.dir({ word: 'by-dir', secret })",
  dirxml: "console.dirxml('by-dirxml', secret)",
  trace: "console.trace('by-%s', 'trace', secret)",
  group: "console.group('by-group', secret); console.groupEnd()",
  groupCollapsed: "console.groupCollapsed('by-groupCollapsed', secret); console.groupEnd()",
  count: "console.count('by-count ' + secret); console.countReset('by-count ' + secret)",
  time: "console.time('by-time ' + secret); console.timeEnd('by-time ' + secret)",
  timeLog: "console.time('by-timeLog ' + secret); console.timeLog('by-timeLog ' + secret)",
  assert: "console.assert(false, 'by-assert', secret)",
  console: "console.write('by-console ', Buffer.from(secret + '\\n'))",
  stdout: "process.stdout.write('by-stdout ' + secret + '\\n')",
  stderr: "process.stderr.write('by-stderr ' + secret + '\\n')",
  bytes: "process.stdout.write(Buffer.from('by-bytes ' + secret + '\\n'))",
  encoded: "process.stdout.write(btoa('by-encoded ' + secret + '\\n'), 'base64')",
  callback: "process.stdout.write('', () => process.stdout.end('by-callback ' + secret + '\\n'))",
  stream: "new console.Console(process.stdout).log('by-stream', secret)",
}

const project = makeProject({
  'plugins/strategies/chatty.ts': `
    import { above, below, defineStrategy, periodSchema, sma, Type } from 'crypto-platform/strategy'
    const secret = process.env.BINANCE_API_SECRET
    ${Object.values(CALLS).join('\n    ')}
    console.clear()
    console.takeHeapSnapshot()
    export default defineStrategy({
      name: 'chatty',
      description: 'Long above the average.',
      params: Type.Object({ period: periodSchema(20) }),
      signals: ({ close }, { period }) => {
        console.debug('asked')
        return { enterLong: above(close, sma(close, period)), exitLong: below(close, sma(close, period)) }
      },
    })`,
})
afterAll(project.remove)

test('what a plugin prints, in whatever way, is on stderr and without secrets', async () => {
  const words = ['strategies', 'show', 'chatty', '--json']
  const options = { cwd: project.dir, env: { BINANCE_API_SECRET: SECRET } }
  const finished = await crypto(words, options)
  expect(documentOf<{ name: string }>(finished).result.name).toBe('chatty')
  expect(finished.err).toContain('asked')
  expect(finished.err).not.toContain(SECRET)
  const lines = finished.err.split('\n')
  const missing = Object.keys(CALLS).filter(
    (name) => !lines.some((line) => line.includes(`by-${name}`) && line.includes('***')),
  )
  expect(missing).toEqual([])
})

test('no method of the console is forgotten', () => {
  const silent = 'Console clear profile profileEnd record recordEnd screenshot takeHeapSnapshot'
  const known = [...silent.split(' '), 'timeStamp', 'write', 'countReset', 'groupEnd', 'timeEnd']
  const methods = Object.keys(console).filter((name) => !known.includes(name))
  expect(methods.filter((name) => CALLS[name] === undefined)).toEqual([])
})
