import { Writable } from 'node:stream'
import type { App, CreateApp } from '../../../src/app/app.ts'
import type { RunRequest } from '../../../src/app/backtest/run-backtest.ts'
import type { SweepRequest } from '../../../src/app/backtest/run-sweep.ts'
import type { Environment } from '../../../src/app/environment.ts'
import { runCli } from '../../../src/cli/run-cli.ts'
import type { Runtime, SignalName, TextSink } from '../../../src/cli/runtime.ts'
import { ConfigError } from '../../../src/core/errors.ts'
import { didYouMean } from '../../../src/core/suggest.ts'
import type { DefinitionView } from '../../../src/report/views.ts'
import { EXPORT, seriesCheck } from '../report/check-fixtures.ts'
import { DATABASE_MIGRATION, DATABASE_STATUS } from '../report/database-fixtures.ts'
import {
  CONFIGURED_BACKTESTS,
  CONFIGURED_SWEEPS,
  EFFECTIVE,
  ESTIMATE,
  EXCHANGES,
  IMPORT,
  ROWS,
  SERIES,
  STRATEGIES,
  SYNCED,
  sweepProgress,
  sweepResult,
  VALID_REPORT,
} from '../report/fixtures.ts'
import { INGEST_PLANS, INGESTED, ingestProgress } from '../report/ingest-fixtures.ts'
import { SIMULATOR } from '../report/simulator-fixtures.ts'

/** A process made of plain data: what was written, a clock that stands still unless moved, signals on demand. */
export interface FakeProcess {
  readonly runtime: Runtime
  readonly out: () => string
  readonly err: () => string
  readonly files: Map<string, string>
  readonly quits: number[]
  readonly advance: (ms: number) => void
  readonly send: (name: SignalName) => void
  readonly listeners: () => number
}

export interface FakeOptions {
  readonly env?: Record<string, string>
  readonly stdoutColumns?: number
  readonly stderrColumns?: number
}

const UTF8 = { LANG: 'C.UTF-8' }

export function fakeProcess(options: FakeOptions = {}): FakeProcess {
  const out: string[] = []
  const err: string[] = []
  const files = new Map<string, string>()
  const quits: number[] = []
  const listeners: { readonly name: SignalName; readonly listener: () => void }[] = []
  let clock = 0
  const runtime: Runtime = {
    env: options.env ?? UTF8,
    cwd: '/project',
    stdout: fakeSink(out, options.stdoutColumns),
    stderr: fakeSink(err, options.stderrColumns),
    now: () => Date.UTC(2024, 0, 1) + clock,
    elapsed: () => clock,
    random: () => 0.5,
    version: '0.1.0',
    platform: 'test',
    crashFolders: ['/project'],
    onSignal(name, listener) {
      const entry = { name, listener }
      listeners.push(entry)
      return () => void listeners.splice(listeners.indexOf(entry), 1)
    },
    quit: (code) => void quits.push(code),
    writeFile: (path, text) => void files.set(path, text),
    appendFile: (path, text) => void files.set(path, (files.get(path) ?? '') + text),
  }
  return {
    runtime,
    out: () => out.join(''),
    err: () => err.join(''),
    files,
    quits,
    advance: (ms) => {
      clock += ms
    },
    send: (name) => {
      for (const entry of [...listeners]) if (entry.name === name) entry.listener()
    },
    listeners: () => listeners.length,
  }
}

function fakeSink(texts: string[], columns: number | undefined): TextSink {
  const isTTY = columns !== undefined
  const stream = new Writable({
    write(chunk, _encoding, done) {
      texts.push(String(chunk))
      done()
    },
  })
  Object.assign(stream, { isTTY, columns, rows: 24 })
  return {
    isTTY,
    columns,
    stream,
    write: async (text) => void texts.push(text),
  }
}

/** Every service with a hand-made answer; `requests` records what the commands asked for. */
export interface FakeApp {
  readonly create: CreateApp
  readonly requests: unknown[]
  readonly contexts: Environment[]
  readonly closed: () => number
}

export function fakeApp(changes: Partial<App> = {}): FakeApp {
  const requests: unknown[] = []
  const contexts: Environment[] = []
  let closed = 0
  const app: App = {
    config: async () => ({
      validate: async () => VALID_REPORT,
      writeSchemas: async (directory) => [`${directory ?? 'config/schemas'}/settings.schema.json`],
      effective: async () => EFFECTIVE,
      exchanges: async () => EXCHANGES,
    }),
    catalogs: async () => ({
      strategies: { list: () => STRATEGIES, get: findDefinition },
      indicators: { list: () => STRATEGIES.slice(0, 1), get: findDefinition },
      problems: [],
    }),
    data: async () => ({
      import: async (request) => {
        requests.push(request)
        return { imported: IMPORT, warnings: [] }
      },
      sync: async (request) => {
        requests.push(request)
        for (const series of SYNCED) request.onSeries(series)
        return SYNCED
      },
      list: async () => ({ series: SERIES, warnings: [] }),
      check: async (request) => {
        requests.push(request)
        request.onProgress({ done: 0, total: 1, series: SERIES[0] })
        return {
          checks: [seriesCheck({ gaps: 1, missing: 2, notes: 1 })],
          ledger: [],
          warnings: [],
        }
      },
      export: async (request) => {
        requests.push(request)
        return EXPORT
      },
    }),
    ingest: async () => ({
      ingest: async (request) => {
        requests.push(request)
        for (const symbol of request.symbols) {
          for (let done = 0; done <= 100; done += 5) {
            request.onProgress(ingestProgress(done, symbol))
          }
        }
        return { series: [INGESTED], target: 'data/lake', warnings: [] }
      },
      plan: async (request) => {
        requests.push(request)
        return INGEST_PLANS
      },
      follow: async (request, onRound) => {
        requests.push(request)
        onRound([INGESTED])
        return { series: [INGESTED], target: 'data/lake', warnings: [] }
      },
    }),
    backtests: async () => ({
      run: async (request: RunRequest) => {
        requests.push(request)
        const asked = [
          ['trades', request.tradesFile],
          ['equity', request.equityFile],
        ] as const
        const files = asked.flatMap(([kind, path]) =>
          path === undefined ? [] : [[kind, path] as const],
        )
        return {
          title: undefined,
          rows: ROWS,
          files,
          notes: [],
          warnings: [],
          run: { id: '7f3a91c', data: 'sha256:ab' },
        }
      },
      listBacktests: async () => CONFIGURED_BACKTESTS,
      listSweeps: async () => CONFIGURED_SWEEPS,
      sweep: async (request: SweepRequest) => {
        requests.push(request)
        request.onEstimate(ESTIMATE)
        for (let done = 0; done <= 100; done += 5)
          request.onProgress(sweepProgress(done, { total: 100 }))
        return {
          result: sweepResult({ sweep: request.sweep }),
          otherData: { symbols: ['ETHUSDT'] },
          run: { id: '7f3a91c' },
        }
      },
    }),
    simulator: async () => ({
      start: async (request) => {
        requests.push(request)
        return {
          view: SIMULATOR,
          interrupted: Promise.resolve(),
          stop: async () => void requests.push('stop'),
        }
      },
    }),
    database: async () => ({
      migrate: async (onApplied) => {
        for (const name of DATABASE_MIGRATION.applied) onApplied(name)
        return DATABASE_MIGRATION
      },
      status: async () => DATABASE_STATUS,
    }),
    close: async () => {
      closed++
    },
    ...changes,
  }
  return {
    create: async (context) => {
      contexts.push(context)
      return app
    },
    requests,
    contexts,
    closed: () => closed,
  }
}

function findDefinition(name: string): DefinitionView {
  const found = STRATEGIES.find((definition) => definition.name === name)
  if (found !== undefined) return found
  const names = STRATEGIES.map((definition) => definition.name)
  throw new ConfigError('UNKNOWN_NAME', `strategy '${name}' not found.${didYouMean(name, names)}`)
}

export interface CliResult {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly process: FakeProcess
  readonly app: FakeApp
}

/** Runs one command line inside the test. */
export async function crypto(
  line: string,
  options: FakeOptions & { readonly app?: FakeApp; readonly process?: FakeProcess } = {},
): Promise<CliResult> {
  const process = options.process ?? fakeProcess(options)
  const app = options.app ?? fakeApp()
  const argv = line === '' ? [] : line.split(' ')
  const code = await runCli(argv, process.runtime, app.create)
  return { code, out: process.out(), err: process.err(), process, app }
}
