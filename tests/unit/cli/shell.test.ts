import { describe, expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import type { CreateApp } from '../../../src/app/app.ts'
import {
  ConfigError,
  ConnectivityError,
  DataError,
  PlatformError,
  RiskRefusal,
  VenueRejection,
} from '../../../src/core/errors.ts'
import { ErrorDocument } from '../../../src/report/envelope.ts'
import { INVALID_REPORT, SERIES } from '../report/fixtures.ts'
import { crypto, fakeApp, fakeProcess } from './harness.ts'

const failing = (error: unknown) =>
  fakeApp({
    data: async () => {
      throw error
    },
  })

describe('help', () => {
  test('crypto alone shows a tour of five lines', async () => {
    const { code, out, err } = await crypto('')
    expect(code).toBe(0)
    expect(err).toBe('')
    expect(out.trim().split('\n')).toHaveLength(5)
  })

  test.each(['', 'config', 'config validate', 'backtest run', 'backtest sweep', 'data import'])(
    'of "%s" leads with two examples and fits 80 columns',
    async (words) => {
      const { code, out } = await crypto(`${words} --help`.trim())
      expect(code).toBe(0)
      expect(out).toStartWith('Examples:\n  bun run crypto ')
      expect(out.split('Usage:')[0]?.match(/bun run crypto/g)).toHaveLength(2)
      expect(out).toContain('--log-file')
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    },
  )

  test('in place of a missing command is a usage error on stderr', async () => {
    const { code, out, err } = await crypto('backtest')
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain('Usage: crypto backtest')
    expect(err).toContain('error: a command is missing')
  })

  test('help in front of a command is its --help', async () => {
    expect((await crypto('help backtest run')).out).toBe((await crypto('backtest run --help')).out)
    expect((await crypto('help')).out).toBe((await crypto('--help')).out)
  })

  test('prints the version', async () => {
    expect(await crypto('--version')).toMatchObject({ code: 0, out: '0.1.0\n' })
  })
})

describe('usage errors', () => {
  test.each([
    ['bactest', 'Did you mean backtest?', 'USAGE_UNKNOWN_COMMAND'],
    ['backtest swep', 'Did you mean sweep?', 'USAGE_UNKNOWN_COMMAND'],
    ['backtest sweep --wrokers 2', 'Did you mean --workers?', 'USAGE_UNKNOWN_OPTION'],
    ['data list --jsno', 'Did you mean --json?', 'USAGE_UNKNOWN_OPTION'],
    ['data list extra', 'too many arguments', 'USAGE_EXCESS_ARGUMENTS'],
    ['strategies show', 'missing required argument', 'USAGE_MISSING_ARGUMENT'],
  ])('%s ends with 2 and a suggestion', async (line, reason, code) => {
    const plain = await crypto(line)
    expect(plain.code).toBe(2)
    expect(plain.out).toBe('')
    expect(plain.err).toContain(reason)
    const json = await crypto(`${line} --json`)
    const document = JSON.parse(json.out)
    expect(Value.Errors(ErrorDocument, document)).toEqual([])
    expect(document.error).toMatchObject({ code, exit_code: 2 })
  })
})

describe('failures', () => {
  test.each([
    [new PlatformError('DISK_FULL', 'no space'), 1],
    [new ConfigError('UNKNOWN_NAME', 'no such'), 2],
    [new DataError('DATA_MISSING', 'no candles'), 3],
    [new ConnectivityError('DB', 'refused'), 5],
    [new RiskRefusal('HALTED', 'halted'), 6],
  ])('%s decides the exit code', async (error, exitCode) => {
    const app = failing(error)
    const { code, out, err, process } = await crypto('data list', { app })
    expect(code).toBe(exitCode)
    expect(out).toBe('')
    expect(err).toBe(`error: ${error.message}\n`)
    expect(process.files.size).toBe(0)
    expect(app.closed()).toBe(1)
    const json = JSON.parse((await crypto('data list --json', { app })).out)
    expect(json.error).toEqual({ code: error.code, message: error.message, exit_code: exitCode })
  })

  test('show the stack with --verbose only', async () => {
    const app = failing(new DataError('X', 'broken'))
    expect((await crypto('data list', { app })).err).not.toContain(' at ')
    expect((await crypto('data list --verbose', { app })).err).toContain('shell.test.ts')
  })

  describe('that repeat control characters of somebody else', () => {
    const said = '\u001b[2J\u001b]0;pwn\u0007 hello\r\nerror: forged \u009b31m \u202e'
    const shown = '␛[2J␛]0;pwn␇ hello␍\n  error: forged �31m �'

    test.each([
      ['a file', {}],
      ['a terminal', { stderrColumns: 100 }],
    ])('show them in %s', async (_, options) => {
      const error = new VenueRejection('X', said, { context: { hint: '\u0007hint\nforged' } })
      const { err } = await crypto('data list', { app: failing(error), ...options })
      const head = 'stderrColumns' in options ? '\u001b[31merror:\u001b[39m' : 'error:'
      expect(err).toBe(`${head} ${shown}\n  ␇hint␊forged\n`)
    })

    test('show them in warnings, details, stacks and the log file', async () => {
      const create: CreateApp = async ({ logger }) => {
        logger.warn(said)
        logger.info(said)
        throw new DataError('X', '\u001b[8mconcealed')
      }
      const { err, process } = await crypto('data list --verbose --log-file run.log', {
        app: { ...fakeApp(), create },
        stderrColumns: 100,
      })
      expect(err).toStartWith(`warning: ${shown}\n${shown}\n`)
      expect(err).toContain('DataError: ␛[8mconcealed')
      expect(err.match(/\p{Cc}/gu)?.filter((character) => character !== '\n')).toHaveLength(2)
      const [first = ''] = process.files.get('run.log')?.split('\n') ?? []
      expect(JSON.parse(first).message).toBe(shown.replace('\n  ', '\n'))
    })

    test('show them in results', async () => {
      const series = SERIES.map((one) => ({ ...one, symbol: '\u001b[2JX' }))
      const list = async () => ({ series, warnings: [] })
      const app = fakeApp({ data: async () => ({ list }) as never })
      const { out } = await crypto('data list', { app, stdoutColumns: 100 })
      expect(out).toContain('␛[2JX')
    })
  })

  test('name the place and the way out when the message does not', async () => {
    const context = { file: 'config/a.yaml', line: 3, col: 11, hint: 'Write binance.' }
    const app = failing(new ConfigError('X', 'not known.', { context }))
    const { err } = await crypto('data list', { app })
    expect(err).toBe('error: not known.\n  at config/a.yaml:3:11\n  Write binance.\n')
  })

  test('show all problems of an invalid configuration', async () => {
    const context = { problems: INVALID_REPORT.problems }
    const app = failing(new ConfigError('CONFIG_INVALID', 'x', { context }))
    const { err } = await crypto('data list', { app })
    expect(err).toContain('config/sweeps.yaml:3:15  error')
    expect(err).toContain('error: The configuration is invalid: 1 error, 1 warning.')
    const json = JSON.parse((await crypto('data list --json', { app })).out)
    expect(json.error.problems).toHaveLength(2)
  })

  test('of our own leave a crash file and name it', async () => {
    const error = new TypeError('undefined is not a function', { cause: new Error('deeper') })
    const { code, err, process } = await crypto('data list', { app: failing(error) })
    expect(code).toBe(1)
    expect(err.replace(/\s+/g, ' ')).toContain(
      'This is a bug of ours: undefined is not a function.',
    )
    expect(err).not.toContain(' at ')
    const [[path, text]] = [...process.files] as [[string, string]]
    expect(path).toBe('/project/crypto-crash-20240101T000000Z.log')
    expect(err.replace(/\s+/g, ' ')).toContain(path)
    expect(text).toContain('arguments: ["data","list"]')
    expect(text).toContain('TypeError: undefined is not a function')
    expect(text).toContain('caused by Error: deeper')
  })

  test('of our own leave no secret in the crash file', async () => {
    const secret = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0M'
    const process = fakeProcess({ env: { VENUE_API_KEY: secret } })
    const error = new TypeError(`no ${secret}`, { cause: new Error(`nor ${secret}`) })
    await crypto(`data list --config-dir ${secret}`, { process, app: failing(error) })
    const [[, text]] = [...process.files] as [[string, string]]
    expect(text).toContain('TypeError: no ***')
    expect(text).toContain('caused by Error: nor ***')
    expect(text).not.toContain(secret)
  })

  test('of our own are told even when no folder takes the crash file', async () => {
    const process = fakeProcess()
    const refuse = () => {
      throw new Error('read-only')
    }
    const runtime = { ...process.runtime, writeFile: refuse }
    const { code, err } = await crypto('data list', {
      app: failing(new Error('oops')),
      process: { ...process, runtime },
    })
    expect(code).toBe(1)
    expect(err).toBe('error: This is a bug of ours: oops.\n')
  })
})

describe('global options', () => {
  test('reach the app wherever they stand', async () => {
    for (const line of [
      '--config-dir c --data-dir d data list',
      'data list --config-dir c --data-dir d',
    ]) {
      const { app } = await crypto(line)
      expect(app.contexts[0]).toMatchObject({ configDir: 'c', dataDir: 'd', cwd: '/project' })
    }
  })

  test('--log-file keeps everything said on stderr, also with --quiet', async () => {
    const { process, err } = await crypto('backtest sweep g --quiet --log-file run.log')
    expect(err).toBe('')
    const lines = (process.files.get('run.log') as string).trim().split('\n')
    const entries = lines.map((line) => JSON.parse(line))
    expect(entries[0]).toMatchObject({ time: '2024-01-01T00:00:00.000Z', level: 'info' })
    expect(entries[0].message).toContain('10,214 combinations')
    expect(entries.at(-1).message).toContain('100%')
  })

  test('--log-file that cannot be written is refused before anything runs', async () => {
    const process = fakeProcess()
    const appendFile = () => {
      throw new Error('EACCES: permission denied')
    }
    const { code, err, app } = await crypto('data list --log-file /x/run.log', {
      process: { ...process, runtime: { ...process.runtime, appendFile } },
    })
    expect(code).toBe(2)
    expect(err).toContain('--log-file /x/run.log cannot be written: EACCES')
    expect(app.contexts).toEqual([])
  })

  test('--log-file on a disk that fills up is said once, and the command goes on', async () => {
    const process = fakeProcess()
    const appendFile = (_: string, text: string) => {
      if (text !== '') throw new Error('ENOSPC: no space left on device')
    }
    const { code, err } = await crypto('backtest sweep g --log-file run.log', {
      process: { ...process, runtime: { ...process.runtime, appendFile } },
    })
    expect(code).toBe(0)
    expect(err.split('--log-file run.log cannot be written: ENOSPC')).toHaveLength(2)
    expect(err).toContain('100%')
  })

  test('colour only on a terminal that wants it', async () => {
    const utf8 = { LANG: 'C.UTF-8' }
    const colored = async (env: Record<string, string>, line = 'backtest run') =>
      (await crypto(line, { env, stdoutColumns: 100 })).out.includes('\u001b')
    expect(await colored(utf8)).toBe(true)
    expect(await colored({ ...utf8, NO_COLOR: '1' })).toBe(false)
    expect(await colored({ ...utf8, NO_COLOR: '' })).toBe(true)
    expect(await colored({ ...utf8, CI: 'true' })).toBe(false)
    expect(await colored({ ...utf8, CI: 'false' })).toBe(true)
    expect(await colored({ ...utf8, TERM: 'dumb' })).toBe(false)
    expect(await colored(utf8, 'backtest run --no-color')).toBe(false)
    expect((await crypto('backtest run', { env: utf8 })).out).not.toContain('\u001b')
  })

  test('ASCII alone without a UTF-8 locale', async () => {
    for (const env of [{}, { LANG: 'C' }, { LANG: 'en_US.UTF-8', LC_ALL: 'C' }] as const) {
      expect((await crypto('backtest run', { env })).out).toMatch(/^[\x20-\x7e\n]+$/)
    }
    expect((await crypto('backtest run', { env: { LANG: 'en_US.utf8' } })).out).toContain('─')
  })

  test('the width of the terminal decides the columns', async () => {
    const wide = await crypto('backtest run a', { stdoutColumns: 140 })
    const narrow = await crypto('backtest run a', { stdoutColumns: 80 })
    expect(wide.out).toContain('Curve')
    expect(narrow.out).not.toContain('Curve')
  })
})

describe('interrupts', () => {
  /** App whose listing sends signals and then fails as an aborted read does. */
  const interrupted = (process: ReturnType<typeof fakeProcess>, act: () => void) =>
    fakeApp({
      data: async () => {
        act()
        expect(process.listeners()).toBe(2)
        throw new DOMException('aborted', 'AbortError')
      },
    })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends with %p without a crash file', async (name, exitCode) => {
    const process = fakeProcess()
    const app = interrupted(process, () => process.send(name))
    const { code, err } = await crypto('data list', { process, app })
    expect(code).toBe(exitCode)
    expect(err).toContain('Interrupted')
    expect(process.files.size).toBe(0)
    expect(app.contexts[0]?.signal.aborted).toBe(true)
  })

  test('one keystroke that arrives twice counts once', async () => {
    const process = fakeProcess()
    const app = interrupted(process, () => {
      process.send('SIGINT')
      process.advance(299)
      process.send('SIGINT')
    })
    const { err } = await crypto('data list', { process, app })
    expect(process.quits).toEqual([])
    expect(err.match(/stopping/g)).toHaveLength(1)
  })

  test('a second Ctrl-C quits at once', async () => {
    const process = fakeProcess()
    const app = interrupted(process, () => {
      process.send('SIGINT')
      process.advance(300)
      process.send('SIGINT')
    })
    await crypto('data list', { process, app })
    expect(process.quits).toEqual([130])
  })
})

describe('the sweep panel', () => {
  test('redraws in place on a terminal and leaves no trace of itself on stdout', async () => {
    const { err, out } = await crypto('backtest sweep g', {
      stderrColumns: 100,
      stdoutColumns: 100,
    })
    expect(err).toContain('\u001b[')
    expect(Bun.stripANSI(err)).toContain('100/100')
    expect(Bun.stripANSI(err)).toContain('Ctrl-C stops')
    expect(out).not.toContain('Ctrl-C stops')
  })

  test.each([{ CI: '1' }, { TERM: 'dumb' }])('gives way to plain lines with %p', async (env) => {
    const { err } = await crypto('backtest sweep g', { env, stderrColumns: 100 })
    expect(err).not.toContain('\u001b')
    expect(err.match(/\/100 /g)).toHaveLength(10)
  })

  test('is not shown with --quiet', async () => {
    const { err } = await crypto('backtest sweep g --quiet', { stderrColumns: 100 })
    expect(err).toBe('')
  })
})
