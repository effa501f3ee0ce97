import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CandleSeries } from '../../../src/core/candles.ts'
import type { DurationMs } from '../../../src/core/units.ts'
import { Kernel } from '../../../src/kernel/kernel.ts'

const HOUR_MS = 3_600_000 as DurationMs
const BINARY = join(import.meta.dir, '../../../core-wasm/pkg/core_wasm_bg.wasm')

let kernel: Kernel | undefined

/** The committed WASM kernel, loaded once per test process. */
export function testKernel(): Kernel {
  kernel ??= Kernel.load(new WebAssembly.Module(readFileSync(BINARY)))
  return kernel
}

export type Columns = Partial<
  Record<'open' | 'high' | 'low' | 'close' | 'volume', ArrayLike<number>>
>

/** Hourly candles of the given columns; a column that is not given is the close. */
export function candlesOf(columns: Columns & { readonly close: ArrayLike<number> }): CandleSeries {
  const bars = columns.close.length
  const column = (values: ArrayLike<number> | undefined) =>
    Float64Array.from(values ?? columns.close)
  return {
    exchange: 'test',
    symbol: 'TEST',
    interval: '1h',
    intervalMs: HOUR_MS,
    openTime: Float64Array.from({ length: bars }, (_, bar) => bar * HOUR_MS),
    open: column(columns.open),
    high: column(columns.high),
    low: column(columns.low),
    close: column(columns.close),
    volume: column(columns.volume),
    hash: '',
  }
}

/** A random walk with a fixed seed whose bars contain their open and close. */
export function walk(bars: number, seed = 1): CandleSeries {
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x80000000
  }
  const open = new Float64Array(bars)
  const [high, low, close, volume] = [0, 0, 0, 0].map(() => new Float64Array(bars))
  let price = 100
  for (let bar = 0; bar < bars; bar += 1) {
    open[bar] = price
    price *= 1 + 0.04 * (uniform() - 0.5)
    close![bar] = price
    high![bar] = Math.max(open[bar]!, price) * (1 + 0.01 * uniform())
    low![bar] = Math.min(open[bar]!, price) * (1 - 0.01 * uniform())
    volume![bar] = 1000 * uniform()
  }
  return candlesOf({ open, high: high!, low: low!, close: close!, volume: volume! })
}
