import type { CandleSeries } from '../src/core/candles.ts'
import { createSyntheticCandles, type SyntheticKind } from './series.ts'

/** Where candles come from; plain data, so that a process of its own can load them. */
export type CandleSource = SyntheticSource | LakeSource

export interface SyntheticSource {
  readonly kind: SyntheticKind
  readonly bars: number
}

/** A series of a local lake, such as an imported file. */
export interface LakeSource {
  readonly kind: 'lake'
  readonly lake: string
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly fromMs: number
  readonly toMs: number
}

/** Loads the candles; the data engine only for those of a lake. */
export async function loadCandles(source: CandleSource): Promise<CandleSeries> {
  if (source.kind !== 'lake') return createSyntheticCandles(source.kind, source.bars)
  const { createLakeStore } = await import('../src/data/index.ts')
  const store = createLakeStore({ lake: source.lake })
  try {
    return await store.readCandles(source)
  } finally {
    store.close()
  }
}

/** Imports a file of one-minute candles into a fresh lake. */
export async function importCandles(file: string, lake: string): Promise<LakeSource> {
  const { createLakeStore } = await import('../src/data/index.ts')
  const key = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' }
  const store = createLakeStore({ lake })
  try {
    const { fromMs, toMs } = await store.importCandles({ ...key, file })
    return { kind: 'lake', lake, ...key, fromMs, toMs }
  } finally {
    store.close()
  }
}
