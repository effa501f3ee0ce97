import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { crypto, documentOf, makeProject, type RunOptions, type SweepDocument } from './crypto.ts'
import { createFails, csvOf, IMPORT, row } from './failing.ts'
import { digestOfRows } from './tables.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)
const fails = createFails(project)

/** Linux refuses new folders there to everybody, root included. */
const READ_ONLY = '/sys/crypto-results'
/** One point of a shipped sweep. */
const POINT = ['--sweep', 'btc_sma_grid', '--set', 'fast_period=58', 'slow_period=98']
const isLinux = process.platform === 'linux'

describe.skipIf(!isLinux)('an output folder', () => {
  fails('that is read-only is found before anything is computed', {
    words: ['backtest', 'sweep', 'btc_sma_grid', '--output', READ_ONLY, '--quiet'],
    ...{ exitCode: 1, code: 'FOLDER_READ_ONLY' },
    says: [
      READ_ONLY,
      'writing is not permitted',
      'Make the folder writable, or choose another one with --output',
    ],
  })
  fails('that is a file', {
    words: [
      'backtest',
      'sweep',
      'btc_sma_grid',
      '--output',
      project.path('package.json'),
      '--quiet',
    ],
    ...{ exitCode: 1, code: 'WRITE_FAILED' },
    says: [project.path('package.json'), 'a file is where a folder should be', 'another path'],
  })
  fails('that is read-only for a trades file', {
    words: ['backtest', 'run', ...POINT, '--trades', `${READ_ONLY}/trades.csv`],
    ...{ exitCode: 1, code: 'FOLDER_READ_ONLY' },
    says: [READ_ONLY, 'writing is not permitted'],
  })
  fails('that is read-only for an import', {
    words: [
      'data',
      'import',
      project.write('fine.csv', csvOf([row(0)])),
      ...IMPORT,
      '--data-dir',
      READ_ONLY,
    ],
    ...{ exitCode: 1, code: 'FOLDER_READ_ONLY' },
    says: [READ_ONLY, 'writing is not permitted'],
  })
})

/** A limit on the size of files is a disk that fills up while it is written, and needs no rights. Blocks of 1 KiB. */
const fullAfter = (kib: number): RunOptions => ({ shell: `trap '' XFSZ; ulimit -f ${kib};` })

describe('a disk that fills up', () => {
  const kept = project.path('kept')
  // An earlier result stands in the folder; a failure must leave it alone.
  const after = crypto(['backtest', 'sweep', 'sol_donchian', '--output', kept, '--json'], {
    cwd: project.dir,
  })
  const words = ['backtest', 'sweep', '--output', kept, '--quiet']
  fails('while rows come in', {
    words: [...words, 'btc_sma_grid'],
    ...{ exitCode: 1, code: 'DISK_FULL', options: { cwd: project.dir, ...fullAfter(200) }, after },
    says: [kept, 'the disk is full', 'Free space, or choose another folder with --output'],
  })
  fails('while the rows file is written', {
    words: [...words, 'sol_donchian'],
    ...{ exitCode: 1, code: 'DISK_FULL', options: { cwd: project.dir, ...fullAfter(6) }, after },
    says: [kept, 'the disk is full', 'No result was written'],
  })
  fails('while a trades file is written', {
    words: ['backtest', 'run', ...POINT, '--trades', project.path('full', 'trades.csv')],
    ...{ exitCode: 1, code: 'DISK_FULL', options: { cwd: project.dir, ...fullAfter(4) } },
    says: [project.path('full', 'trades.csv'), 'the disk is full', 'no partial file is left'],
  })
  const months = project.path(
    'data/sample/exchange=binance/symbol=BTCUSDT/interval=1h/2023-08.parquet',
  )
  fails('while candles are imported', {
    words: ['data', 'import', months, ...IMPORT, '--data-dir', project.path('full')],
    ...{ exitCode: 1, code: 'DISK_FULL', options: { cwd: project.dir, ...fullAfter(8) } },
    says: ['2023-08.parquet: the disk is full', 'no partial file is left'],
  })

  test('keeps what was there before and leaves no part of anything', async () => {
    const before = documentOf<SweepDocument>(await after).result
    expect(readdirSync(kept).sort()).toEqual(['sol_donchian.manifest.json', 'sol_donchian.parquet'])
    expect(await digestOfRows(before.rows_file)).toBe(before.digest)
    expect(
      readdirSync(project.path('full'), { recursive: true }).filter((name) =>
        /\.(csv|parquet|tmp)$/.test(String(name)),
      ),
    ).toEqual([])
  })
})
