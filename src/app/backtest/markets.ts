import type { Execution } from '../../core/execution.ts'
import { formatInstant, INSTANT_MS_END } from '../../core/units.ts'
import {
  type Continuity,
  continuityOf,
  type FindHoles,
  type WarmCandles,
} from '../../data/index.ts'
import { columnsRead, type SignalProgram } from '../../kernel/program.ts'
import type { MarketInput } from '../../kernel/types.ts'
import type { WarmUp } from '../../kernel/warm-up.ts'
import { requireVolume } from '../require-volume.ts'
import type { Store } from '../store.ts'

export interface MarketRequest extends WarmUp {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  /** undefined: from the first stored candle, to the last one. */
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  readonly warmupDays: number
  readonly execution: Execution
  /** What an unknown seed may weigh after the warm-up. */
  readonly seedWeightMax: number
}

export interface LoadedMarket {
  readonly market: MarketInput
  readonly continuity: Continuity
  /** sha-256 of the candles, hex. */
  readonly hash: string
  /** What the reader should know about the judged bars. */
  readonly notes: readonly string[]
}

/**
 * Reads the candles of a period with their warm-up.
 * @param programs what will read them
 * @throws DataError when the store does not hold them, `DATA_NO_VOLUME` when a program needs a volume that is not there
 */
export async function loadMarket(
  { store, findHoles }: { readonly store: Store; readonly findHoles: FindHoles },
  request: MarketRequest,
  programs: readonly SignalProgram[],
): Promise<LoadedMarket> {
  const { warmupDays, execution, seedWeightMax: _, ...series } = request
  const { startMs = 0, endMs = INSTANT_MS_END } = request
  const days = warmupDays > 0 ? { warmupDays } : {}
  const warm = await store.readWarmCandles({ ...series, startMs, endMs, ...days })
  // A strategy that waits for a volume would run, and never trade.
  const readsVolume = programs.some((program) => columnsRead(program).has('volume'))
  if (readsVolume) requireVolume(warm.candles, 'a strategy reads it')
  return {
    market: { candles: warm.candles, window: warm.window, execution },
    continuity: await continuityOf(warm, findHoles),
    hash: warm.candles.hash,
    notes: notesOf(request, warm),
  }
}

function notesOf(request: MarketRequest, warm: WarmCandles): readonly string[] {
  const { symbol, interval, lookbackBars, warmupBars } = request
  const { startMs, endMs } = request
  const { candles, covered, available, shiftedBars, window } = warm
  const notes: string[] = []
  if (shiftedBars > 0 && startMs !== undefined) {
    notes.push(
      `${symbol} ${interval}: judged from ${formatInstant(covered.fromMs)}, ${shiftedBars} bars later than asked: indicators need ${lookbackBars} bars of warm-up, and candles begin at ${formatInstant(available.fromMs)}.`,
    )
  } else if (startMs !== undefined && covered.fromMs - startMs >= candles.intervalMs) {
    notes.push(
      `${symbol} ${interval}: candles of the period begin at ${formatInstant(covered.fromMs)}, later than asked (${formatInstant(startMs)}).`,
    )
  }
  if (window.first < warmupBars) {
    notes.push(
      `${symbol} ${interval}: ${window.first} bars lie before the first judged one. Recursive indicators, such as an EMA or the RSI, want ${warmupBars}: only then does where history starts weigh less than ${request.seedWeightMax} in them (backtesting.seed_weight_max).`,
    )
  }
  if (endMs !== undefined && endMs - covered.toMs >= candles.intervalMs) {
    notes.push(
      `${symbol} ${interval}: candles of the period end at ${formatInstant(covered.toMs)}, earlier than asked (${formatInstant(endMs)}).`,
    )
  }
  if (candles.incompleteCandles > 0) {
    notes.push(
      `${symbol} ${interval}: ${candles.incompleteCandles} candles were left out, because finer candles (${candles.resampledFrom}) of them are missing.`,
    )
  }
  return notes
}
