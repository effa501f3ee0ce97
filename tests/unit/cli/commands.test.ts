import { describe, expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import type { App } from '../../../src/app/app.ts'
import { DataError } from '../../../src/core/errors.ts'
import type { SchemaId } from '../../../src/report/report.ts'
import { documentSchema } from '../../support/documents.ts'
import { INVALID_REPORT, sweepResult, VALID_REPORT } from '../report/fixtures.ts'
import { crypto, fakeApp, fakeProcess } from './harness.ts'

const COMMANDS: readonly (readonly [line: string, schema: SchemaId, shown: string])[] = [
  ['config validate', 'crypto/config.validate@1', 'ok  2 files'],
  ['config schema --output out', 'crypto/config.schema@1', 'out/settings.schema.json'],
  ['config show', 'crypto/config.show@1', '    host: localhost'],
  ['config show --origin', 'crypto/config.show@1', '# environment DB_PORT'],
  ['strategies list', 'crypto/strategies.list@1', 'sma_crossover'],
  ['strategies show sma_crossover', 'crypto/strategies.show@1', 'crosses_above(sma(close'],
  ['indicators list', 'crypto/indicators.list@1', 'bollinger_reversion'],
  ['indicators show sma_crossover', 'crypto/indicators.show@1', 'fast_period'],
  ['exchanges list', 'crypto/exchanges.list@1', 'REAL MONEY'],
  ['data list', 'crypto/data.list@1', '835,200'],
  [
    'data import btc.csv --exchange binance --symbol BTCUSDT --interval 1h',
    'crypto/data.import@1',
    '8,760 rows read',
  ],
  ['data check', 'crypto/data.check@1', 'ok, 1 note'],
  [
    'data export --exchange binance --symbol BTCUSDT --interval 4h --output btc-4h.csv',
    'crypto/data.export@1',
    '2,190 candles, built from 1h',
  ],
  ['ingest --symbol BTCUSDT --interval 1h --days 365', 'crypto/ingest@1', '8,782'],
  [
    'ingest --symbol BTCUSDT --interval 1h --from 2023-06-01 --dry-run',
    'crypto/ingest.plan@1',
    '8,784',
  ],
  ['backtest run', 'crypto/backtest.list@1', 'sma_crossover_btc'],
  ['backtest run btc_strategies_2024', 'crypto/backtest.run@1', 'Buy & hold'],
  ['backtest sweep btc_sma_grid', 'crypto/backtest.sweep@1', 'bar·combinations/s'],
  ['backtest sweep', 'crypto/sweep.list@1', '10,000'],
  ['db migrate', 'crypto/db.migrate@1', 'applied 0001_candles'],
  ['db status', 'crypto/db.status@1', '98 chunks (97 compressed)'],
]

describe.each(COMMANDS)('crypto %s', (line, schema, shown) => {
  test('prints its result on stdout and ends with 0', async () => {
    const { code, out, process, app } = await crypto(line)
    expect(code).toBe(0)
    expect(out).toContain(shown)
    expect(out).not.toContain('\u001b')
    for (const text of out.split('\n')) expect(Bun.stringWidth(text)).toBeLessThanOrEqual(80)
    expect(app.closed()).toBe(1)
    expect(process.listeners()).toBe(0)
  })

  test('prints one valid document with --json, wherever the option stands', async () => {
    for (const words of [`${line} --json`, `--json ${line}`]) {
      const { code, out } = await crypto(words)
      expect(code).toBe(0)
      const document = JSON.parse(out)
      expect(Value.Errors(documentSchema(schema), document)).toEqual([])
      expect(document.ok).toBe(true)
      expect(document.run.engine).toBe('0.1.0')
    }
  })

  test('says nothing beside the result with --quiet', async () => {
    const { err, out } = await crypto(`${line} --quiet`)
    expect(err).toBe('')
    expect(out).not.toContain('next:')
  })
})

describe('config validate', () => {
  const invalid = fakeApp({
    config: async () => ({
      ...(await (await fakeApp().create({} as never)).config()),
      validate: async () => INVALID_REPORT,
    }),
  })

  test('ends with 2 and shows every problem', async () => {
    const { code, out } = await crypto('config validate', { app: invalid })
    expect(code).toBe(2)
    expect(out).toContain('config/sweeps.yaml:3:15')
    expect(out).toContain('1 error, 1 warning')
  })

  test('has its problems in the document', async () => {
    const { code, out } = await crypto('config validate --json', { app: invalid })
    const document = JSON.parse(out)
    expect(code).toBe(2)
    expect(document.ok).toBe(false)
    expect(document.result).toMatchObject({ errors: 1, warnings: 1 })
    expect(document.result.problems[0]).toMatchObject({ line: 3, col: 15, severity: 'error' })
  })

  test('ends with 0 when there are only warnings', async () => {
    const app = fakeApp({
      config: async () => ({
        ...(await (await fakeApp().create({} as never)).config()),
        validate: async () => ({ ...VALID_REPORT, problems: [INVALID_REPORT.problems[1]!] }),
      }),
    })
    expect((await crypto('config validate', { app })).code).toBe(0)
  })
})

describe('backtest run', () => {
  test('hands its options to the service', async () => {
    const market =
      '--symbol ETHUSDT --interval 4h --exchange kraken --from 2024-01-01 --to 2025-01-01'
    const files = '--trades t.csv --equity e.parquet'
    const { app, out } = await crypto(`backtest run a --strategy sma_crossover ${market} ${files}`)
    expect(app.requests).toEqual([
      {
        what: { backtest: 'a', strategies: ['sma_crossover'] },
        market: {
          exchange: 'kraken',
          symbols: ['ETHUSDT'],
          interval: '4h',
          fromMs: Date.UTC(2024, 0, 1),
          toMs: Date.UTC(2025, 0, 1),
        },
        tradesFile: 't.csv',
        equityFile: 'e.parquet',
      },
    ])
    expect(out).toMatch(/trades {2}t\.csv\nequity {2}e\.parquet\n/)
  })

  test.each([
    'backtest run --sweep grid --set fast=10 slow=30.5',
    'backtest run --sweep grid --set fast=10 --set slow=30.5',
  ])('re-runs one point of a sweep: %s', async (line) => {
    const { app } = await crypto(line)
    expect(app.requests).toMatchObject([
      { what: { sweep: 'grid', params: { fast: 10, slow: 30.5 } }, market: {} },
    ])
  })

  test.each([
    ['backtest run a --sweep grid', 'exclude each other'],
    ['backtest run --set fast=1', 'Add --sweep NAME'],
    ['backtest run --sweep g --strategy s', 'exclude each other'],
    ['backtest run --sweep g --set fast', 'Expected name=value'],
    ['backtest run --sweep g --set fast=ten', "'ten' is not a number"],
    ['backtest run --sweep g --set fast=0x10', 'is not a number'],
    ['backtest run --sweep g --set a=1 a=2', 'set twice'],
    ['backtest run --trades a/t.csv --equity ./a//t.csv', 'both name a/t.csv'],
    ['backtest run --trades t.xlsx', '.parquet, .arrow or .csv'],
  ])('refuses %s', async (line, reason) => {
    const { code, out, err, app } = await crypto(line)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err.replace(/\s+/g, ' ')).toContain(reason)
    expect(app.requests).toEqual([])
  })

  test('carries the warnings of every row', async () => {
    const document = JSON.parse((await crypto('backtest run a --json')).out)
    const codes = document.warnings.map((warning: { code: string }) => warning.code)
    expect(codes).toEqual(['FEW_TRADES', 'OPEN_AT_END', 'HOLES', 'NOT_COMPUTABLE'])
    expect(document.warnings[0].message).toStartWith('rsi_mean_reversion BTCUSDT 4h: ')
    expect(document.run).toMatchObject({ id: '7f3a91c', data: 'sha256:ab' })
  })
})

describe('backtest sweep', () => {
  test('hands its options to the service', async () => {
    const { app } = await crypto(
      'backtest sweep g --workers 7 --top 3 --objective calmar --output out',
    )
    expect(app.requests[0]).toMatchObject({
      ...{ sweep: 'g', workers: 7, top: 3, objective: 'calmar', outputDir: 'out' },
    })
  })

  test('says on stderr what will be done and one line per tenth', async () => {
    const { err } = await crypto('backtest sweep g')
    expect(err).toStartWith('sweep btc_sma_grid  10,214 combinations')
    expect(err.match(/\/100 /g)).toHaveLength(10)
    expect(err).not.toContain('\u001b')
  })

  test('ends with the command that re-runs the winner', async () => {
    const { out } = await crypto('backtest sweep btc_sma_grid')
    expect(out).toEndWith(
      [
        'next: bun run crypto backtest run --sweep btc_sma_grid \\',
        '        --set fast_period=36 slow_period=154',
        'on other data: bun run crypto backtest run --sweep btc_sma_grid \\',
        '                 --set fast_period=36 slow_period=154 --symbol ETHUSDT\n',
      ].join('\n'),
    )
  })

  test.each([
    ['--workers 257', 'from 0 to 256'],
    ['--output=', 'Expected a folder'],
    ['--workers 1.5', 'from 0 to 256'],
    ['--workers abc', 'from 0 to 256'],
    ['--workers=-2', 'from 0 to 256'],
    ['--top 1e3', 'from 1 to 10000'],
    ['--objective sharp', "Did you mean 'sharpe'?"],
  ])('refuses %s', async (option, reason) => {
    const { code, err } = await crypto(`backtest sweep g ${option}`)
    expect(code).toBe(2)
    expect(err.replace(/\s+/g, ' ')).toContain(reason)
  })

  test('keeps a partial result after Ctrl-C and ends with 130', async () => {
    const process = fakeProcess()
    const base = await (await fakeApp().create({} as never)).backtests()
    const app = fakeApp({
      backtests: async () => ({
        ...base,
        sweep: async (request) => {
          process.send('SIGINT')
          const result = sweepResult({ sweep: request.sweep, interrupted: true })
          return { result, otherData: undefined, run: {} }
        },
      }),
    })
    const { out, err, code } = await crypto('backtest sweep g --json', { app, process })
    expect(code).toBe(130)
    expect(err).toContain('stopping, what is done is kept')
    const document = JSON.parse(out)
    expect(document.ok).toBe(false)
    expect(document.result.interrupted).toBe(true)
  })

  test('lists what is configured without a name, and runs nothing', async () => {
    const { out, code, app } = await crypto('backtest sweep')
    expect(code).toBe(0)
    expect(out).toContain('btc_sma_grid')
    expect(out).toContain('next: bun run crypto backtest sweep btc_sma_grid')
    expect(app.requests).toEqual([])
  })
})

describe('plugins that did not load', () => {
  test('are in the document, and the rest works', async () => {
    const base = await (await fakeApp().create({} as never)).catalogs()
    const problems = [{ code: 'PLUGIN', message: 'plugins/strategies/bad.ts: no default export' }]
    const app = fakeApp({ catalogs: async () => ({ ...base, problems }) })
    const { code, out } = await crypto('strategies list --json', { app })
    expect(code).toBe(0)
    expect(JSON.parse(out).warnings).toEqual(problems)
    expect(out).toContain('sma_crossover')
  })
})

test('what the app log is on stderr: warnings always, the rest with --verbose', async () => {
  const { data } = await fakeApp().create({} as never)
  const logging = fakeApp({
    data: async () => {
      logging.contexts.at(-1)?.logger.warn('plugins/strategies/bad.ts: no default export')
      logging.contexts.at(-1)?.logger.info('read 3 partitions')
      return data()
    },
  })
  expect((await crypto('data list', { app: logging })).err).toBe(
    'warning: plugins/strategies/bad.ts: no default export\n',
  )
  expect((await crypto('data list --verbose', { app: logging })).err).toContain('3 partitions')
})

test('the log file holds what is at least as severe as logging.level', async () => {
  const { data } = await fakeApp().create({} as never)
  const logged = async (level: 'DEBUG' | 'WARN') => {
    const app = fakeApp({
      data: async () => {
        const logger = app.contexts.at(-1)?.logger
        logger?.setLevel(level)
        logger?.info('read 3 partitions')
        logger?.warn('a plugin is broken')
        return data()
      },
    })
    const { process } = await crypto('data list --log-file run.log', { app })
    const lines = String(process.files.get('run.log')).trim().split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line).message)
  }
  expect(await logged('DEBUG')).toEqual(['read 3 partitions', 'a plugin is broken'])
  expect(await logged('WARN')).toEqual(['a plugin is broken'])
})

describe('data', () => {
  const empty: Partial<App> = {
    data: async () => ({
      ...(await (await fakeApp().create({} as never)).data()),
      list: async () => ({ series: [], warnings: [] }),
      import: async () => {
        throw new DataError('IMPORT_UNSORTED', 'btc.csv line 7: out of order. Use --sort.')
      },
    }),
  }

  test('list says what to do when there is nothing', async () => {
    const { out } = await crypto('data list', { app: fakeApp(empty) })
    expect(out).toContain('no candles are stored')
    expect(out).toContain('next: bun run crypto data import FILE')
  })

  test('import ends with 3 on bad data', async () => {
    const line = 'data import btc.csv --exchange b --symbol S --interval 1h'
    const { code, err } = await crypto(line, { app: fakeApp(empty) })
    expect(code).toBe(3)
    expect(err).toBe('error: btc.csv line 7: out of order. Use --sort.\n')
  })

  test('import passes on files and columns as they are written', async () => {
    const line =
      'data import a.csv b.csv --exchange b --symbol S --columns time=Date,close="Close,last"'
    expect((await crypto(line)).app.requests[0]).toMatchObject({
      file: ['a.csv', 'b.csv'],
      columns: { time: 'Date', close: 'Close,last' },
    })
  })

  test('check and export pass on what was asked for', async () => {
    const check = 'data check --exchange binance --symbol BTCUSDT ETHUSDT --interval 1m 1h'
    expect((await crypto(check)).app.requests[0]).toMatchObject({
      exchange: 'binance',
      symbols: ['BTCUSDT', 'ETHUSDT'],
      intervals: ['1m', '1h'],
    })
    const line =
      'data export --exchange b --symbol S --interval 2d --from 2024-01-01 --to 2024-02-01T06:00 --output a.csv'
    expect((await crypto(line)).app.requests[0]).toEqual({
      exchange: 'b',
      symbol: 'S',
      interval: '2d',
      fromMs: Date.UTC(2024, 0, 1),
      toMs: Date.UTC(2024, 1, 1, 6),
      file: 'a.csv',
      followLinks: false,
    })
  })

  test.each([
    ['data check --interval 1m hourly', '1m, 4h or 1d'],
    ['data export --exchange b --symbol S --interval 1h', '--output <file>'],
    [
      'data export --exchange b --symbol S --interval 1h --output a.txt',
      '.parquet, .arrow or .csv',
    ],
    [
      'data export --exchange b --symbol S --interval 1h --output a.csv --from soon',
      'a date or a time',
    ],
    ['data import f --exchange b --symbol S --columns open', 'time=Date'],
    ['data import f --exchange b --symbol S --columns opens=O', "Did you mean 'open'?"],
    ['data import f --exchange b --symbol S --columns open=O,open=P', 'open is given twice'],
    ['data import f --exchange b --symbol S --interval hourly', '1m, 4h or 1d'],
    ['data import', '--exchange <name>'],
    ['data import --exchange b --symbol S --interval 1h', 'missing required argument'],
  ])('refuses %s', async (line, reason) => {
    const { code, err } = await crypto(line)
    expect(code).toBe(2)
    expect(err.replace(/\s+/g, ' ')).toContain(reason)
  })
})

describe('the command to go on with', () => {
  const nextOf = async (line: string) =>
    (await crypto(line)).out
      .split('next: ')[1]
      ?.split('on other data: ')[0]
      ?.replace(/\s*\\\n\s*/g, ' ')
      .trim()

  test('keeps the configuration and the candles of this one', async () => {
    const shared = '--config-dir other --data-dir ../candles'
    expect(await nextOf(`backtest run a ${shared}`)).toBe(`bun run crypto backtest sweep ${shared}`)
    expect(await nextOf(`backtest sweep btc_sma_grid ${shared}`)).toBe(
      `bun run crypto backtest run --sweep btc_sma_grid --set fast_period=36 slow_period=154 ${shared}`,
    )
  })

  test('quotes what a shell would take apart', async () => {
    expect(await nextOf("backtest run --config-dir it's")).toEndWith(`--config-dir 'it'\\''s'`)
  })
})
