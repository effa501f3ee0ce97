import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import {
  crypto,
  documentOf,
  type ErrorDocument,
  type Finished,
  makeProject,
  ROOT,
  type RunOptions,
  type SweepDocument,
} from './crypto.ts'
import { digestOfRows, readParquet } from './tables.ts'

setDefaultTimeout(60_000)

/** Where `crypto-platform/strategy` lies; a plugin outside the repository would have it installed beside it. */
const INDICATORS = `${ROOT}/src/indicators/index.ts`

const project = makeProject()
afterAll(project.remove)

interface Failing {
  readonly words: readonly string[]
  readonly exitCode: number
  /** Code of the error, or of its first problem when the configuration is invalid. */
  readonly code: string
  /** What the message has to say, in this order. */
  readonly says: readonly string[]
  readonly options?: RunOptions
  /** What has to be prepared first. */
  readonly after?: Promise<unknown>
  /** The whole process, start-up included, must be quicker. */
  readonly msMax?: number
}

/** Runs a command that must fail, for people and as `--json`, and checks what it says in both. */
function fails(title: string, failing: Failing): void {
  const { exitCode, code, says, msMax } = failing
  const both = runBoth(failing)
  test(title, async () => {
    const [human, json] = await both
    expect({ exitCode: human.code, out: human.out }).toEqual({ exitCode, out: '' })
    expectPhrases(human.err.replace(/\s+/g, ' '), says)
    expect(human.err).toMatch(/^error:\s/m)
    expectNoBug(human)

    expect(json.code).toBe(exitCode)
    const document: ErrorDocument = JSON.parse(json.out)
    expect(document).toMatchObject({
      schema: 'crypto/error@1',
      ok: false,
      error: { exit_code: exitCode },
    })
    const { error } = document
    const [problem] = error.problems ?? []
    expect(problem?.code ?? error.code).toBe(code)
    const text = [
      error.message,
      ...(error.problems ?? []).flatMap(({ message, hint }) => [message, hint ?? '']),
    ]
    expectPhrases(text.join(' ').replace(/\s+/g, ' '), says)
    expectNoBug(json)
    if (msMax !== undefined) expect(Math.min(human.ms, json.ms)).toBeLessThan(msMax)
  })
}

async function runBoth({ words, options, after }: Failing): Promise<[Finished, Finished]> {
  const runOptions = { cwd: project.dir, ...options }
  await after
  return Promise.all([crypto(words, runOptions), crypto([...words, '--json'], runOptions)])
}

function expectPhrases(text: string, phrases: readonly string[]): void {
  let from = 0
  for (const phrase of phrases) {
    const at = text.indexOf(phrase, from)
    expect(at === -1 ? { text, lacks: phrase } : 'said').toBe('said')
    from = at + phrase.length
  }
}

function expectNoBug({ out, err }: Finished): void {
  expect(out + err).not.toMatch(/bug of ours|\n\s+at .*\.ts:\d+/)
}

interface SweepParts {
  readonly symbol?: string
  readonly interval?: string
  readonly start?: string
  readonly end?: string
  readonly fast?: string
  readonly slow?: string
  readonly more?: string
}

const SWEEP = ['backtest', 'sweep', 's']

let configs = 0

/** Writes a configuration whose only sweep is `s` and returns the option that selects it. */
function configWith(parts: SweepParts, settings = (text: string) => text): readonly string[] {
  const dir = `configs/${configs++}`
  cpSync(project.path('config'), project.path(dir), { recursive: true })
  const { symbol = 'BTCUSDT', interval = '1h', start = '2023-06-01', end = '2024-12-31' } = parts
  const { fast = '[5, 10]', slow = '[20, 30]', more = '' } = parts
  project.write(
    `${dir}/sweeps.yaml`,
    `sweeps:
  s:
    strategy: sma_crossover
    symbol: ${symbol}
    interval: ${interval}
    start: "${start}"
    end: "${end}"
    params:
      fast_period: ${fast}
      slow_period: ${slow}
${more}`,
  )
  project.write(
    `${dir}/settings.yaml`,
    settings(readFileSync(project.path('config/settings.yaml'), 'utf8')),
  )
  return ['--config-dir', project.path(dir)]
}

describe('candles that are not there', () => {
  fails('a series that is not stored', {
    words: [...SWEEP, ...configWith({ symbol: 'DOGEUSDT' })],
    ...{ exitCode: 3, code: 'DATA_MISSING' },
    says: [
      'no candles of binance DOGEUSDT 1h are stored',
      'Stored: binance BTCUSDT 1h',
      'crypto data import FILE --exchange binance --symbol DOGEUSDT --interval 1h',
    ],
  })
  fails('an interval finer than what is stored', {
    words: [...SWEEP, ...configWith({ interval: '15m' })],
    ...{ exitCode: 3, code: 'DATA_MISSING' },
    says: ['no candles of binance BTCUSDT 15m are stored, nor finer ones'],
  })
  fails('a period before the first candle', {
    words: [...SWEEP, ...configWith({ start: '2021-01-01', end: '2022-01-01' })],
    ...{ exitCode: 3, code: 'DATA_RANGE' },
    says: [
      'no candle between 2021-01-01T00:00:00Z and 2022-01-01T00:00:00Z',
      'Stored: 2023-06-01T00:00:00Z to 2025-01-01T00:00:00Z',
      'Choose a period inside',
    ],
  })
  fails('a period after the last candle', {
    words: [...SWEEP, ...configWith({ start: '2025-01-01', end: '2025-02-01' })],
    ...{ exitCode: 3, code: 'DATA_RANGE' },
    says: ['no candle between 2025-01-01T00:00:00Z and 2025-02-01T00:00:00Z'],
  })
  fails('a period too short for the warm-up', {
    words: [...SWEEP, ...configWith({ end: '2023-06-03', slow: '[200, 300]' })],
    ...{ exitCode: 3, code: 'DATA_TOO_SHORT' },
    says: ['300 bars of warm-up are needed', 'only 0 bars lie before the period and 48 in it'],
  })

  const partly = crypto(
    [...SWEEP, '--json', ...configWith({ start: '2024-12-01', end: '2025-03-01' })],
    { cwd: project.dir },
  )
  test('a period that is stored in part is run over that part, with a warning', async () => {
    const { result, warnings } = documentOf<SweepDocument>(await partly)
    expect(result.bars).toBe(31 * 24)
    const { message } = warnings.find(({ code }) => code === 'PERIOD')!
    expect(message).toBe(
      'BTCUSDT 1h: candles of the period end at 2025-01-01T00:00:00Z, earlier than asked (2025-03-01T00:00:00Z).',
    )
  })

  const late = ['15', '16', '17'].map((day) => `open ${day}`)
  test('missing candles are counted and never invented', async () => {
    const hours = Array.from({ length: 24 * 20 }, (_, i) => i).filter(
      (i) => i < 100 || i >= 100 + late.length,
    )
    const file = project.write('gap.csv', csvOf(hours.map((hour) => row(hour))))
    const imported = documentOf<{ holes: number }>(
      await crypto(['data', 'import', file, ...IMPORT, '--json'], { cwd: project.dir }),
    )
    expect(imported.result.holes).toBe(3)
    expect(imported.warnings).toMatchObject([{ code: 'HOLES' }])
    const config = configWith({ symbol: 'XYZUSDT', start: '2024-01-01', end: '2024-01-21' })
    const { result, warnings } = documentOf<SweepDocument>(
      await crypto([...SWEEP, ...config, '--json'], { cwd: project.dir }),
    )
    expect(result).toMatchObject({ holes: 3, bars: 24 * 20 - 3 - 30 })
    expect(warnings.find(({ code }) => code === 'HOLES')?.message).toStartWith('3 candles missing')
  })
})

describe('a configuration that cannot be run', () => {
  fails('an end before the start', {
    words: [...SWEEP, ...configWith({ start: '2024-06-01', end: '2024-01-01' })],
    ...{ exitCode: 2, code: 'CONFIG_PERIOD' },
    says: ['sweeps.s: end must be after start, was 2024-06-01 .. 2024-01-01'],
  })
  fails('a range from above to', {
    words: [...SWEEP, ...configWith({ fast: '{ from: 20, to: 10, step: 1 }' })],
    ...{ exitCode: 2, code: 'CONFIG_AXIS' },
    says: ['sweeps.s.params.fast_period: from must not be above to, was 20 > 10', 'Swap them'],
  })
  fails('a step of 0', {
    words: [...SWEEP, ...configWith({ fast: '{ from: 2, to: 10, step: 0 }' })],
    ...{ exitCode: 2, code: 'CONFIG_RANGE' },
    says: ['sweeps.s.params.fast_period.step: must be a number above 0, was 0'],
  })
  fails('a grid of 10^12, at once and with the numbers', {
    words: [
      ...SWEEP,
      ...configWith({
        fast: '{ from: 1, to: 1000000, step: 1 }',
        slow: '{ from: 2, to: 1000000, step: 1 }',
      }),
    ],
    ...{ exitCode: 2, code: 'GRID_TOO_LARGE', msMax: 1000 },
    says: [
      '999,999,000,000 combinations (fast_period 1,000,000 × slow_period 999,999)',
      'the limit is 10,000,000',
      'Use larger steps',
    ],
  })
  fails('a grid that needs more memory than allowed', {
    words: [
      ...SWEEP,
      ...configWith(
        { fast: '{ from: 2, to: 500, step: 1 }', slow: '{ from: 2, to: 5000, step: 1 }' },
        (text) => text.replace('memory_max_mb: 4096', 'memory_max_mb: 64'),
      ),
    ],
    ...{ exitCode: 2, code: 'GRID_TOO_LARGE' },
    says: [
      'sweeps.s: 2,494,501 combinations',
      'of memory, the limit is 64 MiB',
      'Use fewer workers, a shorter period or a smaller grid',
    ],
  })
  fails('a where that removes everything', {
    words: [...SWEEP, ...configWith({ more: '    where: fast_period > slow_period\n' })],
    ...{ exitCode: 2, code: 'SWEEP_EMPTY' },
    says: [
      "sweeps.s.where: 'fast_period > slow_period' removes all 4 combinations",
      'fast_period 5 to 10, slow_period 20 to 30',
      'Relax the condition',
    ],
  })

  const strict = crypto(
    [...SWEEP, '--json', ...configWith({ more: '    constraints: [trades > 100000]\n' })],
    { cwd: project.dir },
  )
  test('constraints that nothing satisfies are a warning, and the rows are kept', async () => {
    const { result, warnings } = documentOf<SweepDocument>(await strict)
    expect(result).toMatchObject({ completed: 4, eligible: 0, top: [] })
    expect(warnings.map(({ code }) => code)).toContain('NOTHING_ELIGIBLE')
  })
})

describe('names that do not exist', () => {
  const unknown = (
    title: string,
    words: readonly string[],
    code: string,
    says: readonly string[],
  ) => fails(title, { words, exitCode: 2, code, says })
  unknown('a sweep', ['backtest', 'sweep', 'btc_sma_gird'], 'CONFIG_UNKNOWN_NAME', [
    "sweep 'btc_sma_gird'",
    "Did you mean 'btc_sma_grid'?",
  ])
  unknown('a backtest', ['backtest', 'run', 'btc_strategies_2042'], 'CONFIG_UNKNOWN_NAME', [
    "backtest 'btc_strategies_2042'",
    "Did you mean 'btc_strategies_2024'?",
  ])
  unknown('a strategy', ['strategies', 'show', 'sma_crosover'], 'UNKNOWN_NAME', [
    "strategy 'sma_crosover' not found. Did you mean 'sma_crossover'?",
  ])
  unknown('an indicator', ['indicators', 'show', 'donchain'], 'UNKNOWN_NAME', [
    "indicator 'donchain' not found. Did you mean 'donchian'?",
  ])
  unknown(
    'a metric',
    ['backtest', 'sweep', 'btc_sma_grid', '--objective', 'sharp'],
    'USAGE_INVALID_ARGUMENT',
    ["'sharp'", "Did you mean 'sharpe'?"],
  )
  unknown(
    'a parameter',
    ['backtest', 'run', '--sweep', 'btc_sma_grid', '--set', 'fast_perod=3'],
    'PARAM_UNKNOWN',
    ['--set fast_perod', "Did you mean 'fast_period'?"],
  )
  unknown(
    'a parameter out of its range',
    ['backtest', 'run', '--sweep', 'btc_sma_grid', '--set', 'fast_period=0'],
    'PARAM_RANGE',
    ['--set fast_period=0: must be a whole number from 1'],
  )
  unknown(
    'an option',
    ['backtest', 'sweep', 'btc_sma_grid', '--worker', '2'],
    'USAGE_UNKNOWN_OPTION',
    ["unknown option '--worker'. Did you mean --workers?"],
  )
  unknown('a command', ['backtest', 'swep'], 'USAGE_UNKNOWN_COMMAND', [
    "unknown command 'swep'. Did you mean sweep?",
  ])
  unknown(
    'an objective in the configuration',
    [...SWEEP, ...configWith({ more: '    objective: sharp\n' })],
    'CONFIG_ENUM',
    ['sweeps.s.objective', "Did you mean 'sharpe'?"],
  )
})

const IMPORT = ['--exchange', 'binance', '--symbol', 'XYZUSDT', '--interval', '1h']
const START_MS = Date.UTC(2024, 0, 1)

type Prices = Partial<Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume', string>>>

function row(hour: number, prices: Prices = {}): string {
  const { open = '100', high = '110', low = '90', close = '105', volume = '1' } = prices
  return [START_MS + hour * 3_600_000, open, high, low, close, volume].join(',')
}

function csvOf(rows: readonly string[]): string {
  return `open_time,open,high,low,close,volume\n${rows.map((line) => `${line}\n`).join('')}`
}

describe('an import', () => {
  const dataDir = ['--data-dir', project.path('refused')]
  afterAll(() => {
    // Nothing of a refused file may have been stored.
    expect(readdirSync(project.path('refused'), { recursive: true })).toEqual(['lake'])
  })
  const refused = (
    title: string,
    rows: readonly string[],
    code: string,
    says: readonly string[],
    more: readonly string[] = [],
  ) => {
    const file = project.write(`${title.replaceAll(' ', '-')}.csv`, csvOf(rows))
    const words = ['data', 'import', file, ...IMPORT, ...dataDir, ...more]
    fails(title, { words, exitCode: 3, code, says: [file, 'thing was imported', ...says] })
  }
  refused('a NaN price', [row(0), row(1, { close: 'NaN' })], 'IMPORT_PRICE', [
    'close must be a positive price',
    'line 3',
    'close NaN',
  ])
  refused('a negative price', [row(0), row(1, { low: '-90' })], 'IMPORT_PRICE', [
    'low must be a positive price',
    'line 3',
    'low -90',
  ])
  refused('an infinite price', [row(0, { high: 'inf' })], 'IMPORT_PRICE', [
    'high must be a positive price',
    'line 2',
  ])
  refused('a negative volume', [row(0, { volume: '-1' })], 'IMPORT_VOLUME', [
    'volume must be a number >= 0',
    'line 2',
  ])
  refused('unsorted rows', [row(0), row(2), row(1)], 'IMPORT_UNSORTED', [
    'the time must be later than in the row before',
    'line 4',
    '--sort',
  ])
  refused('duplicate rows', [row(0), row(1), row(1)], 'IMPORT_DUPLICATE', [
    'the time must be unique',
    'line 4',
    '--dedupe',
  ])
  refused(
    'rows that contradict each other',
    [row(0), row(1), row(1, { close: '106' })],
    'IMPORT_CONFLICT',
    ['line 3 and line 4', 'the same time and different values'],
    ['--dedupe'],
  )
  refused('no row', [], 'IMPORT_EMPTY', [])

  const sample = 'data/sample/exchange=binance/symbol=BTCUSDT/interval=1h/2023-08.parquet'
  const cut = project.path('cut.parquet')
  copyFileSync(project.path(sample), cut)
  truncateSync(cut, Math.floor(statSync(cut).size / 2))
  fails('a truncated Parquet file', {
    words: ['data', 'import', cut, ...IMPORT, ...dataDir],
    ...{ exitCode: 3, code: 'IMPORT_UNREADABLE' },
    says: [
      'cut.parquet: cannot be read: it is truncated',
      'Nothing was imported',
      'Fetch or export the file again',
    ],
  })
})

describe('a stored month', () => {
  const damaged = makeProject()
  afterAll(damaged.remove)
  const month = 'exchange=binance/symbol=BTCUSDT/interval=1h/2023-08.parquet'
  const fileOf = (root: string) => damaged.path(`data/${root}/${month}`)
  const truncated = fileOf('sample')
  truncateSync(truncated, Math.floor(statSync(truncated).size / 2))
  fails('that is truncated stops the run and names the file', {
    words: ['backtest', 'sweep', 'btc_sma_grid'],
    ...{ exitCode: 3, code: 'DATA_UNREADABLE', options: { cwd: damaged.dir } },
    says: [truncated, 'not a readable candle file', 'Delete the file and import that month again'],
  })

  const poisoned = makeProject()
  afterAll(poisoned.remove)
  const target = poisoned.path(`data/lake/${month}`)
  poisoned.write(`data/lake/${month}`, '')
  const after = withDuckDb({}, (db) =>
    db.run(
      `COPY (SELECT * REPLACE (CASE WHEN row_number() OVER () = 5 THEN -close ELSE close END AS close)
         FROM read_parquet(${sqlText(poisoned.path(`data/sample/${month}`))}, hive_partitioning = false))
       TO ${sqlText(target)} (FORMAT parquet)`,
    ),
  )
  fails('with a negative price stops the run and names the row', {
    words: ['backtest', 'sweep', 'btc_sma_grid'],
    ...{ exitCode: 3, code: 'DATA_INVALID', options: { cwd: poisoned.dir }, after },
    says: [target, 'close'],
  })
})

/** Linux refuses new folders there to everybody, root included. */
const READ_ONLY = '/sys/crypto-results'
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
    says: [project.path('package.json'), 'Choose another folder with --output'],
  })
  fails('that is read-only for a trades file', {
    words: ['backtest', 'run', '--sweep', 'btc_sma_grid', '--trades', `${READ_ONLY}/trades.csv`],
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
    words: [
      'backtest',
      'run',
      '--sweep',
      'btc_sma_grid',
      '--trades',
      project.path('full', 'trades.csv'),
    ],
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

/** A project whose workers die: a preload wraps `Worker`, another one runs inside the doomed workers. */
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
        if (message.kind === 'rows' && ++answered === 3) ${death}
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
    const deadly = makeDeadly('created === 2', death)
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
      'results/btc_sma_grid.parquet',
    ],
  })
  test('the rows kept are rows of the whole run', async () => {
    const whole = await readParquet(documentOf<SweepDocument>(await healthy).result.rows_file)
    const part = await readParquet(hopeless.path('results/btc_sma_grid.parquet'))
    const manifest = JSON.parse(
      readFileSync(hopeless.path('results/btc_sma_grid.manifest.json'), 'utf8'),
    )
    expect(manifest.failure).toContain('failed on two workers')
    expect(manifest.completed).toBe(part.rows.length)
    expect(part.rows.length).toBeLessThan(whole.rows.length)
    const known = new Set(whole.rows.map((cells) => JSON.stringify(cells)))
    expect(part.rows.filter((cells) => !known.has(JSON.stringify(cells)))).toEqual([])
  })
})

describe('plugins', () => {
  const shipped = readFileSync(
    `${import.meta.dir}/../../../plugins/strategies/price-channel-filter.ts`,
    'utf8',
  )
  const plugged = makeProject({
    'plugins/strategies/a-throws.ts': "throw new Error('no licence for Mondays')\n",
    'plugins/strategies/b-nonsense.ts': 'export default 42\n',
    'plugins/strategies/c-syntax.ts': 'export default {{{\n',
    'plugins/strategies/d-taken.ts': shipped
      .replace('price_channel_filter', 'sma_crossover')
      .replace('crypto-platform/strategy', INDICATORS),
    'plugins/strategies/e-nothing.ts': 'export const name = 1\n',
    'plugins/strategies/f-works.ts': shipped.replace('crypto-platform/strategy', INDICATORS),
  })
  afterAll(plugged.remove)
  const options = { cwd: plugged.dir }
  const list = crypto(['strategies', 'list', '--json'], options)
  const human = crypto(['strategies', 'list'], options)
  plugged.write(
    'config/sweeps.yaml',
    `sweeps:
  plugged:
    strategy: price_channel_filter
    symbol: ETHUSDT
    interval: 4h
    start: "2023-10-01"
    end: "2024-10-01"
    params: { entry_period: [20, 55], exit_period: [10, 20], trend_period: [100, 200] }
`,
  )
  const sweep = crypto(['backtest', 'sweep', 'plugged', '--json'], options)

  test('that throw or export nonsense are reported with path and reason', async () => {
    const { result, warnings } = documentOf<{ strategies: { name: string; source: string }[] }>(
      await list,
    )
    const problems = [
      ['a-throws.ts', 'no licence for Mondays'],
      ['b-nonsense.ts', 'its default export is a number, not a definition'],
      ['c-syntax.ts', 'cannot be imported'],
      ['d-taken.ts', 'sma_crossover'],
      ['e-nothing.ts', 'has no default export'],
    ] as const
    expect(warnings).toHaveLength(problems.length)
    const told = (await human).out + (await human).err
    for (const [i, [file, reason]] of problems.entries()) {
      expect(warnings[i]?.code).toBe('PLUGIN_REFUSED')
      expect(warnings[i]?.message).toStartWith(plugged.path('plugins/strategies', file))
      expect(warnings[i]?.message).toContain(reason)
      expect(told.replace(/\s+/g, ' ')).toContain(file)
      expect(told.replace(/\s+/g, ' ')).toContain(reason)
    }
    const found = result.strategies.find(({ name }) => name === 'price_channel_filter')
    expect(found?.source).toEndWith('plugins/strategies/f-works.ts')
    expect(result.strategies).toHaveLength(9)
  })

  test('leave the rest working, the good plugin in a sweep included', async () => {
    const finished = await sweep
    const { result } = documentOf<SweepDocument>(finished)
    expect(result).toMatchObject({
      strategy: 'price_channel_filter',
      combinations: 8,
      completed: 8,
    })
    expect(result.top[0]?.metrics.trades).toBeGreaterThan(0)
    expect(finished.err.replace(/\s+/g, ' ')).toContain('no licence for Mondays')
    expect(existsSync(plugged.path('results/plugged.parquet'))).toBe(true)
  })
})
