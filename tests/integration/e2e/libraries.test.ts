import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { makeProject, type Project, ROOT } from './crypto.ts'

setDefaultTimeout(60_000)

const PRELOAD = join(ROOT, 'tests', 'support', 'no-libraries.ts')
const CCXT_ENTRY = `
  kraken:
    adapter: ccxt
    base_url: http://127.0.0.1:1
    options: { exchange: kraken }
`

let project: Project
beforeAll(async () => {
  project = makeProject()
  const exchanges = await Bun.file(project.path('config', 'exchanges.yaml')).text()
  project.write('config/exchanges.yaml', exchanges + CCXT_ENTRY)
})
afterAll(() => project.remove())

/** Runs a command in a process in which ccxt, pg and DuckDB cannot be loaded. */
async function withoutLibraries(...words: readonly string[]) {
  const main = join(ROOT, 'src', 'cli', 'main.ts')
  const child = Bun.spawn([process.execPath, '--preload', PRELOAD, main, ...words], {
    cwd: project.dir,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, said: `${out}\n${err}`.replace(/\s+/g, ' ') }
}

describe('libraries that take time and memory', () => {
  test.each([
    '--help',
    'config validate',
    'config show',
    'exchanges list',
    'strategies list',
    'ingest --help',
  ])('are not loaded by `crypto %s`', async (words) => {
    const { code, said } = await withoutLibraries(...words.split(' '))
    expect({ code, said }).toEqual({ code: 0, said: expect.not.stringContaining('was loaded') })
  })

  // Without these the tests above would pass in a process that could load them.
  const series = ['--exchange', 'binance', '--symbol', 'BTCUSDT', '--interval', '4h']
  test.each([
    [
      'ccxt',
      ['ingest', '--exchange', 'kraken', '--symbol', 'A', '--interval', '1h', '--days', '1'],
    ],
    ['pg', ['db', 'status']],
    ['@duckdb/node-', ['data', 'export', ...series, '--output', 'a.parquet']],
  ] as const)('%s is loaded by who needs it', async (name, words) => {
    expect((await withoutLibraries(...words)).said).toMatch(new RegExp(`${name}\\S* was loaded`))
  })
})
