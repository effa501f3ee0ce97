/* tslint:disable */
/* eslint-disable */
export const memory: WebAssembly.Memory;
export const begin_market: (a: number, b: number) => void;
export const column_address: (a: number) => number;
export const commit_market: (a: number, b: number) => number;
export const constants_address: (a: number) => number;
export const evaluate_columns: () => number;
export const execution_address: () => number;
export const layout_address: () => number;
export const layout_length: () => number;
export const open_time_address: () => number;
export const operation_lookback: (a: number, b: number) => number;
export const operation_settling: (a: number, b: number, c: number) => number;
export const run_points: () => number;
export const set_plain: (a: number) => void;
export const trace_address: (a: number) => number;
export const trace_point: () => number;
export const trace_trades: () => number;
export const values_address: () => number;
export const values_length: () => number;
export const words_address: (a: number) => number;
export const __wbindgen_externrefs: WebAssembly.Table;
export const __wbindgen_start: () => void;
