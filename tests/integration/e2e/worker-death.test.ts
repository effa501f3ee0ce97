import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { crypto, documentOf, makeProject, type SweepDocument } from './crypto.ts'
import { createFails } from './failing.ts'
import { readParquet } from './tables.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)
const fails = createFails(project, crypto)

/**
 * A project whose workers die at their second tile: a preload wraps `Worker`, another one runs inside the doomed workers. The first worker
 * surely gets that far; on a busy machine it may do all the work before another one has started.
 */
function makeDeadly(doomed: string, death: string) {
  const deadly = makeProject({
    'wrap.ts': `
      let created = 0
      const Real = globalThis.Worker
      globalThis.Worker = class extends Real {
        constructor(url, options) {
          created++
          super(url, ${doomed} ? { ...options, preload: [import.meta.dir + '/die.ts'] } : options)
        }
      }`,
    'die.ts': `
      let answered = 0
      const post = self.postMessage.bind(self)
      self.postMessage = (message, transfer) => {
        if (message.kind === 'rows' && ++answered === 2) ${death}
        post(message, transfer)
      }`,
    'bunfig.toml': 'preload = ["./wrap.ts"]\n[run]\nsilent = true\n',
  })
  const settings = readFileSync(deadly.path('config/settings.yaml'), 'utf8')
  deadly.write('config/settings.yaml', settings.replace('block_points: 0', 'block_points: 100'))
  return deadly
}

describe('a worker that dies', () => {
  const words = ['backtest', 'sweep', 'btc_sma_grid', '--workers', '2', '--quiet', '--json']
  const healthy = crypto(words, { cwd: project.dir })
  const deaths = [
    ['process.exit(9)', 'the worker ended with code 9'],
    ["setTimeout(() => { throw new TypeError('stack of cards') })", 'stack of cards'],
  ] as const
  const runs = deaths.map(([death]) => {
    const deadly = makeDeadly('created === 1', death)
    afterAll(deadly.remove)
    return crypto(words, { cwd: deadly.dir })
  })

  test.each(deaths.map(([, reason], i) => [reason, i] as const))(
    'once (%s) is replaced, its tile computed again, and the result is the same',
    async (reason, i) => {
      const expected = documentOf<SweepDocument>(await healthy)
      const finished = await runs[i]!
      const { result, warnings } = documentOf<SweepDocument>(finished)
      expect(result.digest).toBe(expected.result.digest)
      expect(result.top).toEqual(expected.result.top)
      const retried = warnings.filter(({ code }) => code === 'TILE_RETRIED')
      expect(retried).toHaveLength(1)
      expect(retried[0]?.message).toMatch(
        /^Tile \d+ of \d+ \(fast_period .*, slow_period .*\) is computed again on a fresh worker: /,
      )
      expect(retried[0]?.message).toContain(reason)
      expect(finished.err).toContain('warning: Tile')
    },
  )

  const hopeless = makeDeadly('true', 'process.exit(9)')
  afterAll(hopeless.remove)
  // One worker after the other dies on its third tile, so the first tile that is third twice ends the sweep.
  hopeless.write(
    'die.ts',
    `const post = self.postMessage.bind(self)
     self.postMessage = (message, transfer) => (message.tile === 5 ? process.exit(9) : post(message, transfer))`,
  )
  fails('twice on the same tile ends the sweep and keeps the rows so far', {
    words: words.filter((word) => word !== '--json'),
    ...{ exitCode: 1, code: 'WORKER_FAILED', options: { cwd: hopeless.dir } },
    says: [
      "Sweep 'btc_sma_grid': Tile 6 of ",
      'fast_period',
      'failed on two workers: the worker ended with code 9',
      'rows completed before are kept in',
      'results/btc_sma_grid.partial.parquet',
    ],
  })
  test('the rows kept are rows of the whole run', async () => {
    const whole = await readParquet(documentOf<SweepDocument>(await healthy).result.rows_file)
    const part = await readParquet(hopeless.path('results/btc_sma_grid.partial.parquet'))
    const manifest = JSON.parse(
      readFileSync(hopeless.path('results/btc_sma_grid.partial.manifest.json'), 'utf8'),
    )
    expect(manifest.failure).toContain('failed on two workers')
    expect(manifest.completed).toBe(part.rows.length)
    expect(part.rows.length).toBeLessThan(whole.rows.length)
    const known = new Set(whole.rows.map((cells) => JSON.stringify(cells)))
    expect(part.rows.filter((cells) => !known.has(JSON.stringify(cells)))).toEqual([])
  })
})
