/* tslint:disable */
/* eslint-disable */

/**
 * Forgets the market and makes room for another of `bars` bars of `interval_ms` milliseconds.
 */
export function begin_market(bars: number, interval_ms: number): void;

/**
 * Address of room for candle column `code` (open, high, low, close, volume), one double per bar. 0 without a market.
 */
export function column_address(code: number): number;

/**
 * Prepares the simulation over the bars `first .. end` with the settings at `execution_address`.
 */
export function commit_market(first: number, end: number): number;

/**
 * Address of room for `count` constants of a plan.
 */
export function constants_address(count: number): number;

/**
 * Computes the output columns of the uploaded plan over all bars into `values_address`, column after column.
 */
export function evaluate_columns(): number;

/**
 * Address of room for the execution settings, one double each, in the order of the layout.
 */
export function execution_address(): number;

/**
 * Address of a text that says what is where in the blocks that cross this boundary. The host compares it with its own.
 */
export function layout_address(): number;

/**
 * Bytes of the text at `layout_address`.
 */
export function layout_length(): number;

/**
 * Address of room for the open times in epoch milliseconds, one double per bar. 0 without a market.
 */
export function open_time_address(): number;

/**
 * Bars before the first value of an operation, counted from the first value of its inputs. Negative: refused, with
 * the status code as magnitude.
 */
export function operation_lookback(code: number, parameter: number): number;

/**
 * Bars from the first value of an operation on after which an unknown seed of it weighs less than `weight`; 0 but for
 * recurrences. Negative as `operation_lookback`.
 */
export function operation_settling(code: number, parameter: number, weight: number): number;

/**
 * Runs the uploaded plan; `values_address` then holds one row of metrics per point.
 */
export function run_points(): number;

/**
 * Turns the vector code and the skipping of decided words off, for tests.
 */
export function set_plain(plain: boolean): void;

/**
 * Address of a column of the last `trace_point`: 0 entry bar, 1 exit bar (32-bit integers), 2 entry price, 3 exit price,
 * 4 size, 5 profit, 6 return, 7 fees (doubles, one per trade), 8 equity, 9 drawdown, 10 exposure (one per judged bar).
 */
export function trace_address(column: number): number;

/**
 * Runs the single point of the uploaded plan and keeps its trades and equity curve for `trace_address`.
 */
export function trace_point(): number;

/**
 * Number of trades of the last `trace_point`.
 */
export function trace_trades(): number;

/**
 * Address of the values of the last call that computed some.
 */
export function values_address(): number;

/**
 * Number of doubles at `values_address`.
 */
export function values_length(): number;

/**
 * Address of room for `count` words of a plan.
 */
export function words_address(count: number): number;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly begin_market: (a: number, b: number) => void;
    readonly column_address: (a: number) => number;
    readonly commit_market: (a: number, b: number) => number;
    readonly constants_address: (a: number) => number;
    readonly evaluate_columns: () => number;
    readonly execution_address: () => number;
    readonly layout_address: () => number;
    readonly layout_length: () => number;
    readonly open_time_address: () => number;
    readonly operation_lookback: (a: number, b: number) => number;
    readonly operation_settling: (a: number, b: number, c: number) => number;
    readonly run_points: () => number;
    readonly set_plain: (a: number) => void;
    readonly trace_address: (a: number) => number;
    readonly trace_point: () => number;
    readonly trace_trades: () => number;
    readonly values_address: () => number;
    readonly values_length: () => number;
    readonly words_address: (a: number) => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
