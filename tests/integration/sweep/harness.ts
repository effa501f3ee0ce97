import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  SweepDependencies,
  SweepSpec,
  SweepWorker,
} from '../../../src/backtesting/sweep/index.ts'
import type { TableColumn, WriteTable } from '../../../src/backtesting/tables.ts'
import type { CandleSeries } from '../../../src/core/candles.ts'
import type { DurationMs } from '../../../src/core/units.ts'
import {
  above,
  and,
  CANDLE_SYMBOLS,
  crossesAbove,
  crossesBelow,
  operation,
  param,
} from '../../../src/kernel/expression.ts'
import type { SignalProgram } from '../../../src/kernel/program.ts'
import { continuity } from '../../support/continuity.ts'
import { FREE } from '../../support/execution.ts'

export type Fault =
  | {
      readonly kind: 'exit' | 'throw' | 'refuse'
      readonly atFirstParam: number
      /** How often the fault strikes, in memory shared by all workers. */
      readonly remaining: Int32Array
    }
  | { readonly kind: 'slow'; readonly atFirstParam: number; readonly ms: number }

export interface FaultyProgram extends SignalProgram {
  readonly fault?: Fault
}

/** An empty WebAssembly module: the arithmetic worker does not use it. */
export const EMPTY_MODULE = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))

/** `fast` and `slow` reach indicator columns, `threshold` only a comparison. */
export function crossProgram(fault?: Fault): FaultyProgram {
  const { close } = CANDLE_SYMBOLS
  const fast = operation('sma', [close], [param('fast')])
  const slow = operation('sma', [close], [param('slow')])
  return {
    params: ['fast', 'slow', 'threshold'],
    signals: {
      enterLong: and(crossesAbove(fast, slow), above(close, param('threshold'))),
      exitLong: crossesBelow(fast, slow),
    },
    ...(fault === undefined ? {} : { fault }),
  }
}

export function times(count: number): Int32Array {
  const counter = new Int32Array(new SharedArrayBuffer(4))
  counter[0] = count
  return counter
}

export function flatCandles(bars: number): CandleSeries {
  const column = (valueAt: (i: number) => number) => {
    const values = new Float64Array(new SharedArrayBuffer(bars * 8))
    return values.map((_, i) => valueAt(i))
  }
  return {
    exchange: 'binance',
    symbol: 'BTCUSDT',
    interval: '1h',
    intervalMs: 3_600_000 as DurationMs,
    openTime: column((i) => Date.UTC(2024, 0, 1) + i * 3_600_000),
    open: column(() => 100),
    high: column(() => 101),
    low: column(() => 99),
    close: column(() => 100),
    volume: column(() => 1),
    hash: 'c0ffee',
  }
}

export function tempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'sweep-test-'))
}

const candles = flatCandles(64)

export function specOf(overrides: Partial<SweepSpec> = {}): SweepSpec {
  return {
    name: 'grid',
    strategyName: 'sma_crossover',
    program: crossProgram(),
    axes: [
      { name: 'fast', integer: true, values: { from: 2, to: 31, step: 1 } },
      { name: 'slow', integer: true, values: { from: 10, to: 88, step: 2 } },
      { name: 'threshold', integer: false, values: { from: 0, to: 0.4, step: 0.1 } },
    ],
    where: 'fast < slow',
    objective: 'sharpe',
    constraints: ['trades >= 0'],
    top: 10,
    market: {
      candles,
      window: { first: 4, end: 64 },
      execution: { ...FREE, commission: 0.001 },
    },
    symbol: 'BTCUSDT',
    interval: '1h',
    continuity: continuity(60),
    warmupBars: 4,
    seedWeightMax: 0.001,
    workers: 2,
    blockPoints: 256,
    outputDir: tempFolder(),
    limits: { combinationsMax: 50_000_000, memoryMaxBytes: 4 * 2 ** 30 },
    ...overrides,
  }
}

export function createArithmeticWorker(): SweepWorker {
  return new Worker(new URL('./arithmetic-worker.ts', import.meta.url).href)
}

export function depsOf(overrides: Partial<SweepDependencies> = {}): SweepDependencies {
  return {
    kernelModule: EMPTY_MODULE,
    kernelHash: 'kernel',
    configHash: 'config',
    versions: { bun: Bun.version },
    createWorker: createArithmeticWorker,
    writeRows: writeText,
    clock: () => Date.now(),
    rssBytes: () => process.memoryUsage.rss(),
    ...overrides,
  }
}

/** Writes a table as text: one line per row, values with all their digits, nothing for no value. */
export const writeText: WriteTable = async ({ path, columns, chunks }) => {
  const fd = openSync(path, 'wx')
  try {
    writeSync(fd, `${columns.map((column) => column.name).join(',')}\n`)
    for (const cells of chunks) {
      const lines = Array.from({ length: cells[0]?.length ?? 0 }, (_, row) =>
        cells.map((column, i) => cell(columns[i], column[row])).join(','),
      )
      writeSync(fd, `${lines.join('\n')}\n`)
    }
  } finally {
    closeSync(fd)
  }
}

function cell(column: TableColumn | undefined, value: number | string | undefined): string {
  if (column?.type === 'LABEL') return column.labels?.[Number(value)] ?? ''
  return typeof value === 'string' || Number.isFinite(value) ? String(value) : ''
}
