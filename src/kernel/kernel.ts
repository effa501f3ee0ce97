import * as wasm from '../../core-wasm/pkg/core_wasm.js'
import { CANDLE_COLUMNS, type CandleColumn, type CandleSeries } from '../core/candles.ts'
import { ConfigError, invariant, PlatformError } from '../core/errors.ts'
import { OPERATIONS, type Series } from './expression.ts'
import { executionBlock, LAYOUT } from './layout.ts'
import { type Plan, parameterOf, planColumns, planPoints } from './planner.ts'
import { columnsRead, comparisonsOf, type SignalProgram, sidesOf } from './program.ts'
import type { MarketInput, RunTrace } from './types.ts'
import type { WarmUp } from './warm-up.ts'

/** Status codes of `core-wasm/src/error.rs`. */
const STATUS: Readonly<Record<number, string>> = {
  1: 'a period is zero bars',
  2: 'columns differ in length',
  3: 'no market was set',
  4: 'the plan is malformed',
  5: 'the plan names a column or register that does not exist',
  6: 'the window is empty or ends after the last bar',
  7: 'a candle column is missing',
  8: 'a period is not a whole number of bars from 1 to 1,000,000',
  9: 'an execution setting is outside its bounds (docs/configuration.md)',
}

/** Statuses that the user's parameters can cause; all others are bugs. */
const PARAMETER_STATUSES = new Set([1, 8, 9])

/**
 * The Rust kernel in this thread: indicators, signals, simulation and metrics over one market at a time.
 * One instance per thread; it owns its linear memory and shares nothing.
 */
export class Kernel {
  readonly #memory: WebAssembly.Memory
  #candles: CandleSeries | undefined
  #uploaded = new Set<CandleColumn>()
  #bars = 0

  private constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  /** Instantiates the kernel in this thread. */
  static load(module: WebAssembly.Module): Kernel {
    const { memory } = wasm.initSync({ module })
    const address = wasm.layout_address()
    const layout = new Uint8Array(memory.buffer, address, wasm.layout_length())
    invariant(new TextDecoder().decode(layout) === LAYOUT, 'the kernel was built for this layout')
    return new Kernel(memory)
  }

  /**
   * Sets the candles, the judged window and the costs for the following runs. Columns are copied in once, on first use.
   * @throws ConfigError `KERNEL_PARAMETER` when costs or capital are out of range
   */
  setMarket({ candles, window, execution }: MarketInput): void {
    this.#begin(candles)
    this.#doubles(wasm.open_time_address(), candles.openTime.length).set(candles.openTime)
    this.#upload(['close', 'open'])
    const block = executionBlock(execution)
    this.#doubles(wasm.execution_address(), block.length).set(block)
    check(wasm.commit_market(window.first, window.end))
    this.#bars = window.end - window.first
  }

  /**
   * Simulates every point and returns its metrics.
   * @param points row-major, `program.params.length` values per point
   * @returns row-major, `METRICS.length` numbers per point; NaN: not computable
   * @throws ConfigError `KERNEL_PARAMETER` when a parameter is no valid period
   */
  runPoints(program: SignalProgram, points: Float64Array): Float64Array {
    this.#send(program, planPoints(program, points))
    check(wasm.run_points())
    return this.#doubles(wasm.values_address(), wasm.values_length()).slice()
  }

  /** Simulates one point and returns its trades and equity curve beside the same metrics, bit for bit. */
  trace(program: SignalProgram, point: Float64Array): RunTrace {
    this.#send(program, planPoints(program, point))
    check(wasm.trace_point())
    const count = wasm.trace_trades()
    const trades = (column: number) => this.#doubles(wasm.trace_address(column), count).slice()
    const curve = (column: number) => this.#doubles(wasm.trace_address(column), this.#bars).slice()
    const bars = (column: number) =>
      new Int32Array(this.#memory.buffer, wasm.trace_address(column), count).slice()
    return {
      metrics: this.#doubles(wasm.values_address(), wasm.values_length()).slice(),
      trades: {
        count,
        entryBar: bars(0),
        exitBar: bars(1),
        entryPrice: trades(2),
        exitPrice: trades(3),
        size: trades(4),
        pnl: trades(5),
        return: trades(6),
        fees: trades(7),
      },
      equity: curve(8),
      drawdown: curve(9),
      exposure: curve(10),
    }
  }

  /** Computes whole columns, one value per candle, NaN before the first defined bar. Forgets the market. */
  evaluate(candles: CandleSeries, series: readonly Series[]): Float64Array[] {
    this.#begin(candles)
    this.#upload(CANDLE_COLUMNS)
    this.#write(planColumns(series))
    check(wasm.evaluate_columns())
    const values = this.#doubles(wasm.values_address(), wasm.values_length())
    const bars = candles.openTime.length
    return series.map((_, i) => values.slice(i * bars, (i + 1) * bars))
  }

  /** Compares bar by bar in scalar code from now on (true), or with vectors (false, the default): same bits. */
  setPlain(plain: boolean): void {
    wasm.set_plain(plain)
  }

  /** Bytes of linear memory. It never shrinks. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength
  }

  /**
   * Bars before the first bar on which every signal of this point is defined.
   * @throws ConfigError `KERNEL_PARAMETER` when a parameter is no valid period
   */
  lookback(program: SignalProgram, point: ArrayLike<number>): number {
    return this.#depth(program, point, NO_SETTLING)
  }

  /**
   * Bars before the first bar on which every signal of this point is defined, and those until an unknown seed of a recurrence
   * (such as `ema` and `rsi`) weighs less than `seedWeightMax`. All other operations have no seed; with 1 nothing is forgotten.
   * @throws ConfigError as `lookback`
   */
  warmUp(program: SignalProgram, point: ArrayLike<number>, seedWeightMax: number): WarmUp {
    return {
      lookbackBars: this.lookback(program, point),
      warmupBars: this.#depth(program, point, seedWeightMax),
    }
  }

  /** Bars before the first bar on which every one of the series is defined. */
  seriesLookback(
    series: readonly Series[],
    params: readonly string[] = [],
    point: ArrayLike<number> = [],
  ): number {
    return this.#seriesDepth(series, { params, point, weight: NO_SETTLING })
  }

  #depth({ signals, params }: SignalProgram, point: ArrayLike<number>, weight: number): number {
    const depths = comparisonsOf(signals.enterLong, signals.exitLong).map((comparison) => {
      const bars = this.#seriesDepth(sidesOf(comparison), { params, point, weight })
      // A crossing reads one bar more.
      return comparison.kind === 'cross' ? bars + 1 : bars
    })
    return highest(depths)
  }

  #seriesDepth(series: readonly Series[], { params, point, weight }: DepthRequest): number {
    const known = new Map<Series, number>()
    const deepest = (node: Series): number => {
      if (node.kind === 'column') return 0
      const depth = known.get(node)
      if (depth !== undefined) return depth
      const { code } = OPERATIONS[node.operation]
      const parameter = parameterOf(node, params, point)
      const own = wasm.operation_lookback(code, parameter)
      if (own < 0) check(-own, `${node.operation} with ${parameter}`)
      const settling = wasm.operation_settling(code, parameter, weight)
      const whole = own + settling + highest(node.inputs.map(deepest))
      known.set(node, whole)
      return whole
    }
    return highest(series.map(deepest))
  }

  #begin(candles: CandleSeries): void {
    wasm.begin_market(candles.openTime.length, candles.intervalMs)
    this.#candles = candles
    this.#uploaded.clear()
  }

  #upload(columns: Iterable<CandleColumn>): void {
    invariant(this.#candles !== undefined, 'a market is set before a run')
    for (const column of columns) {
      if (this.#uploaded.has(column)) continue
      const values = this.#candles[column]
      const bars = this.#candles.openTime.length
      invariant(values.length === bars, `column ${column} has a value for every candle`)
      this.#doubles(wasm.column_address(CANDLE_COLUMNS.indexOf(column)), bars).set(values)
      this.#uploaded.add(column)
    }
  }

  #send(program: SignalProgram, plan: Plan): void {
    this.#upload(columnsRead(program))
    this.#write(plan)
  }

  #write(plan: Plan): void {
    const words = wasm.words_address(plan.words.length)
    const constants = wasm.constants_address(plan.constants.length)
    new Uint32Array(this.#memory.buffer, words, plan.words.length).set(plan.words)
    this.#doubles(constants, plan.constants.length).set(plan.constants)
  }

  /** A view that any later call may detach: use it at once. */
  #doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length)
  }
}

/** A seed may weigh anything. */
const NO_SETTLING = 1

interface DepthRequest {
  readonly params: readonly string[]
  readonly point: ArrayLike<number>
  /** What an unknown seed may weigh at most. */
  readonly weight: number
}

function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(value, most), 0)
}

/** @param what which part of the call is refused, where that is known */
function check(status: number, what?: string): void {
  if (status === 0) return
  const known = STATUS[status] ?? `unknown status ${status}`
  const reason = what === undefined ? known : `${what}: ${known}`
  if (PARAMETER_STATUSES.has(status)) {
    throw new ConfigError('KERNEL_PARAMETER', `The kernel refuses the parameters: ${reason}.`)
  }
  throw new PlatformError('KERNEL_FAILED', `The kernel failed: ${reason}.`)
}
