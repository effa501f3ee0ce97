import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crypto } from './crypto.ts'

setDefaultTimeout(60_000)

const CANARIES = {
  BINANCE_API_KEY: 'canary-api-key-7Qx1',
  BINANCE_API_SECRET: 'canary/api+secret=9Zr2',
  BINANCE_PROD_API_KEY: 'canary-prod-key-3Lm4',
  BINANCE_PROD_API_SECRET: 'canary-prod-secret-8Vn5',
  DB_PASSWORD: 'canary-db-password-6Tk3',
}
const folder = mkdtempSync(join(tmpdir(), 'crypto-canaries-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Nothing listens there. */
const DEAD = {
  DB_HOST: '127.0.0.1',
  DB_PORT: '1',
  SIM_URL: 'http://user:canary-in-url-5Pw8@127.0.0.1:1',
}

const COMMANDS: readonly (readonly string[])[] = [
  ['config', 'show'],
  ['config', 'show', '--origin', '--json'],
  ['exchanges', 'list', '--json'],
  ['data', 'list'],
  ['ingest', '--exchange', 'sim', '--symbol', 'BTCUSDT', '--interval', '1h', '--days', '1'],
  [
    'ingest',
    '--exchange',
    'canary-api-key-7Qx1',
    '--symbol',
    'A',
    '--interval',
    '1h',
    '--days',
    '1',
  ],
  ['db', 'status'],
  ['db', 'migrate', '--json'],
]

describe('secrets of the environment', () => {
  test.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    'are not in what `%s` says, nor in its log',
    async (name, words) => {
      const log = join(folder, `${name.replace(/\W+/g, '-')}.log`)
      const shared = ['--verbose', '--data-dir', folder, '--log-file', log]
      const { out, err } = await crypto([...words, ...shared], { env: { ...CANARIES, ...DEAD } })
      const texts = [out, err, ...filesOf(folder)]
      expect(texts.join('').length).toBeGreaterThan(50)
      for (const text of texts) {
        // The form of the secrets above that a URL would have, too.
        expect(text).not.toMatch(/canary[-/%]/i)
      }
    },
    60_000,
  )
})

function filesOf(path: string): readonly string[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name)
    return statSync(file).isDirectory() ? filesOf(file) : [readFileSync(file, 'latin1')]
  })
}
