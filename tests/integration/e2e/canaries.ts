import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writtenSecrets } from '../../support/written-secrets.ts'
import {
  crypto,
  documentOf,
  type Finished,
  makeProject,
  type Project,
  type RunResult,
} from './crypto.ts'

const CANARIES = {
  BINANCE_API_KEY: 'canary-api-key-7Qx1vmPUZE6mv9SD5',
  // Its base64 has `+` and `/`.
  BINANCE_API_SECRET: 'canary/api+secret=9Zr2Nhq~?>~?~?>YQ',
  BINANCE_PROD_API_KEY: 'canary-prod-key-3Lm4',
  BINANCE_PROD_API_SECRET: 'canary-prod-secret-8Vn5',
  OTHER_PASSPHRASE: 'canary-passphrase-4Jd7',
  DB_PASSWORD: "canary db pass'word 6Tk3",
  SHORT_TOKEN: 'canary-5~?>k',
  // Its name does not say that it is one; the configuration does.
  VENUE_LOGIN: 'canary-of-no-telling-name-2Wq9',
}
const IN_URL = 'canary-in-url-5Pw8'

/** Nothing listens there. */
const DEAD = { DB_HOST: '127.0.0.1', DB_PORT: '1', SIM_URL: `http://user:${IN_URL}@127.0.0.1:1` }

/** Says its secrets in all ways that a careless plugin has. */
const PLUGIN = `
  import { inspect } from 'node:util'
  import { above, below, defineStrategy, periodSchema, sma, Type } from 'crypto-platform/strategy'
  const { BINANCE_API_SECRET: secret = '', DB_PASSWORD: password = '', SHORT_TOKEN: token = '', CANARY: how } = process.env
  console.log('chatty', secret, { password }, btoa(secret))
  console.dir({ secret, password })
  console.warn(encodeURIComponent(secret), inspect([secret, password]))
  console.warn(btoa('user:' + token), btoa('u:' + secret))
  if (how === 'late') setTimeout(() => { throw new Error('late ' + secret, { cause: new Error(password) }) }, 0)
  if (how === 'rejected') setTimeout(() => { void Promise.reject(new Error('rejected ' + JSON.stringify({ secret }))) }, 0)
  if (how === 'load') throw new Error('load ' + secret)
  export default defineStrategy({
    name: 'chatty',
    description: 'Long above the average.',
    params: Type.Object({ period: periodSchema(20) }),
    signals({ close }, { period }) {
      if (how === 'signals') throw new Error('signals ' + secret + ' ' + password, { cause: new Error(btoa('user:' + secret)) })
      return { enterLong: above(close, sma(close, period)), exitLong: below(close, sma(close, period)) }
    },
  })`

const BACKTEST = `
  chatty_run:
    strategies: [chatty_one]
    symbol: BTCUSDT
    interval: 1d
    start: 2024-01-01
    end: 2024-06-01
`
const EXCHANGE = `
  odd:
    adapter: binance
    api_key: \${VENUE_LOGIN}
    api_secret: \${VENUE_LOGIN}
`
const STRATEGY = `
  chatty_one:
    type: chatty
    symbols: [BTCUSDT]
    interval: 1d
`

let project: Project

const WRITTEN = Object.values({ ...CANARIES, IN_URL }).flatMap(writtenSecrets)
const PARTS = [...new Set(WRITTEN.map(({ part }) => part))]

/** Runs a command with all that it can say, and finds canaries in what it said and in every file that it left. */
async function sing(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const log = project.path(`${Bun.hash(`${words.join()}${JSON.stringify(env)}`)}.log`)
  const shared = ['--verbose', '--data-dir', project.path('data'), '--log-file', log]
  const options = { cwd: project.dir, env: { ...CANARIES, ...DEAD, ...env } }
  const finished = await crypto([...words, ...shared], options)
  const texts = [finished.out, finished.err, ...filesBelow(project.dir)]
  expect(finished.out.length + finished.err.length).toBeGreaterThan(20)
  return { ...finished, found: texts.flatMap(canariesIn) }
}

function canariesIn(text: string): readonly string[] {
  const known = PARTS.filter((part) => text.includes(part))
  // Whatever form it has that nobody thought of.
  const odd = text.match(/canary[-/% +][\w-]*/gi) ?? []
  return [...known, ...odd]
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name)
    return statSync(file).isDirectory() ? filesBelow(file) : [readFileSync(file, 'latin1')]
  })
}

const HOUR = ['--symbol', 'BTCUSDT', '--interval', '1h', '--days', '1']

/** Secrets of the environment in what commands say and leave. @param every one command in so many is tried */
export function testCanaries(every: number): void {
  setDefaultTimeout(60_000)

  beforeAll(() => {
    project = makeProject({ 'plugins/strategies/chatty.ts': PLUGIN })
    for (const [file, text] of [
      ['config/backtests.yaml', BACKTEST],
      ['config/strategies.yaml', STRATEGY],
      ['config/exchanges.yaml', EXCHANGE],
    ] as const) {
      project.write(file, readFileSync(project.path(file), 'utf8') + text)
    }
    project.write(
      'broken/settings.yaml',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
      'database: { port: "${BINANCE_API_SECRET}", password: "${DB_PASSWORD}", pasword: "${DB_PASSWORD}" }\n',
    )
  })
  afterAll(() => project.remove())

  describe('secrets of the environment are in nothing that leaves the process', () => {
    const commands: readonly (readonly [string, number])[] = [
      ['config show', 0],
      ['config show --origin --json', 0],
      ['config validate', 0],
      ['exchanges list --json', 0],
      ['strategies show chatty --json', 0],
      ['data list', 0],
      ['backtest run chatty_run', 0],
      ['backtest run chatty_run --json', 0],
      ['db status', 5],
      ['db migrate --json', 5],
      ['config show --config-dir broken', 2],
      ['config validate --config-dir broken --json', 2],
      [`backtest run ${CANARIES.BINANCE_API_KEY}`, 2],
      [`backtest run ${CANARIES.VENUE_LOGIN}`, 2],
      [`ingest --exchange ${IN_URL} ${HOUR.join(' ')} --json`, 2],
      [`backtest run --${CANARIES.BINANCE_API_KEY} --json`, 2],
      [`data list --config-dir /nowhere/${CANARIES.BINANCE_PROD_API_SECRET}`, 2],
      [`ingest --exchange ${CANARIES.BINANCE_API_KEY} ${HOUR.join(' ')}`, 2],
      [`ingest --exchange sim ${HOUR.join(' ')} --json`, 2],
    ]
    test.each(commands.filter((_, i) => i % every === 0))('`crypto %s`', async (words, code) => {
      const finished = await sing(words.split(' '))
      expect({ found: finished.found, code: finished.code }).toEqual({ found: [], code })
    })

    test.each([
      ['signals', ['backtest', 'run', 'chatty_run']],
      ['load', ['strategies', 'list']],
      ['late', ['backtest', 'run', 'chatty_run']],
      ['rejected', ['strategies', 'list', '--json']],
    ] as const)('a plugin that fails with them: %s', async (how, words) => {
      const { found, out, err } = await sing(words, { CANARY: how })
      expect(found).toEqual([])
      // It did fail, with all that it had to say but the secret.
      expect(`${out}${err}`.replace(/\s+/g, ' ')).toContain(`${how} `)
      expect(`${out}${err}`).toContain('***')
    })
  })

  describe('secrets that are words and numbers', () => {
    test('change nothing in a result', async () => {
      const words = ['backtest', 'run', 'btc_strategies_2024', '--json']
      const run = async (env: Readonly<Record<string, string>>) => {
        const finished = await crypto(words, { cwd: project.dir, env })
        return { finished, rows: documentOf<RunResult>(finished).result.rows }
      }
      const weak = {
        DB_PASSWORD: 'crypto',
        BINANCE_API_KEY: '10000',
        BINANCE_API_SECRET: 'BTCUSDT',
      }
      const [plain, masked] = [await run({}), await run(weak)]
      expect(masked.rows).toEqual(plain.rows)
      expect(masksIn(masked.finished)).toBe(0)
      const said = await crypto(['--help'], { env: weak })
      expect(said.out).toContain('bun run crypto')
      expect(masksIn(said)).toBe(0)
    })
  })
}

function masksIn({ out }: Finished): number {
  return out.split('***').length - 1
}
