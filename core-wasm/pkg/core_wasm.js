/* @ts-self-types="./core_wasm.d.ts" */

/**
 * Forgets the market and makes room for another of `bars` bars of `interval_ms` milliseconds.
 * @param {number} bars
 * @param {number} interval_ms
 */
export function begin_market(bars, interval_ms) {
    wasm.begin_market(bars, interval_ms);
}

/**
 * Address of room for candle column `code` (open, high, low, close, volume), one double per bar. 0 without a market.
 * @param {number} code
 * @returns {number}
 */
export function column_address(code) {
    const ret = wasm.column_address(code);
    return ret >>> 0;
}

/**
 * Prepares the simulation over the bars `first .. end` with the settings at `execution_address`.
 * @param {number} first
 * @param {number} end
 * @returns {number}
 */
export function commit_market(first, end) {
    const ret = wasm.commit_market(first, end);
    return ret >>> 0;
}

/**
 * Address of room for `count` constants of a plan.
 * @param {number} count
 * @returns {number}
 */
export function constants_address(count) {
    const ret = wasm.constants_address(count);
    return ret >>> 0;
}

/**
 * Computes the output columns of the uploaded plan over all bars into `values_address`, column after column.
 * @returns {number}
 */
export function evaluate_columns() {
    const ret = wasm.evaluate_columns();
    return ret >>> 0;
}

/**
 * Address of room for the execution settings, one double each, in the order of the layout.
 * @returns {number}
 */
export function execution_address() {
    const ret = wasm.execution_address();
    return ret >>> 0;
}

/**
 * Address of a text that says what is where in the blocks that cross this boundary. The host compares it with its own.
 * @returns {number}
 */
export function layout_address() {
    const ret = wasm.layout_address();
    return ret >>> 0;
}

/**
 * Bytes of the text at `layout_address`.
 * @returns {number}
 */
export function layout_length() {
    const ret = wasm.layout_length();
    return ret >>> 0;
}

/**
 * Address of room for the open times in epoch milliseconds, one double per bar. 0 without a market.
 * @returns {number}
 */
export function open_time_address() {
    const ret = wasm.open_time_address();
    return ret >>> 0;
}

/**
 * Bars before the first value of an operation, counted from the first value of its inputs. Negative: refused, with
 * the status code as magnitude.
 * @param {number} code
 * @param {number} parameter
 * @returns {number}
 */
export function operation_lookback(code, parameter) {
    const ret = wasm.operation_lookback(code, parameter);
    return ret;
}

/**
 * Bars from the first value of an operation on after which an unknown seed of it weighs less than `weight`; 0 but for
 * recurrences. Negative as `operation_lookback`.
 * @param {number} code
 * @param {number} parameter
 * @param {number} weight
 * @returns {number}
 */
export function operation_settling(code, parameter, weight) {
    const ret = wasm.operation_settling(code, parameter, weight);
    return ret;
}

/**
 * Runs the uploaded plan; `values_address` then holds one row of metrics per point.
 * @returns {number}
 */
export function run_points() {
    const ret = wasm.run_points();
    return ret >>> 0;
}

/**
 * Turns the vector code and the skipping of decided words off, for tests.
 * @param {boolean} plain
 */
export function set_plain(plain) {
    wasm.set_plain(plain);
}

/**
 * Address of a column of the last `trace_point`: 0 entry bar, 1 exit bar (32-bit integers), 2 entry price, 3 exit price,
 * 4 size, 5 profit, 6 return, 7 fees (doubles, one per trade), 8 equity, 9 drawdown, 10 exposure (one per judged bar).
 * @param {number} column
 * @returns {number}
 */
export function trace_address(column) {
    const ret = wasm.trace_address(column);
    return ret >>> 0;
}

/**
 * Runs the single point of the uploaded plan and keeps its trades and equity curve for `trace_address`.
 * @returns {number}
 */
export function trace_point() {
    const ret = wasm.trace_point();
    return ret >>> 0;
}

/**
 * Number of trades of the last `trace_point`.
 * @returns {number}
 */
export function trace_trades() {
    const ret = wasm.trace_trades();
    return ret >>> 0;
}

/**
 * Address of the values of the last call that computed some.
 * @returns {number}
 */
export function values_address() {
    const ret = wasm.values_address();
    return ret >>> 0;
}

/**
 * Number of doubles at `values_address`.
 * @returns {number}
 */
export function values_length() {
    const ret = wasm.values_length();
    return ret >>> 0;
}

/**
 * Address of room for `count` words of a plan.
 * @param {number} count
 * @returns {number}
 */
export function words_address(count) {
    const ret = wasm.words_address(count);
    return ret >>> 0;
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbindgen_init_externref_table: function() {
            const table = wasm.__wbindgen_externrefs;
            table.set(0, undefined);
            table.set(1024, undefined);
            table.set(1025, null);
            table.set(1026, true);
            table.set(1027, false);
        },
    };
    return {
        __proto__: null,
        "./core_wasm_bg.js": import0,
    };
}

let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasmInstance = instance;
    wasm = instance.exports;
    wasmModule = module;
    wasm.__wbindgen_start();
    return wasm;
}

async function __wbg_load(module, imports) {
    if (typeof Response === 'function' && module instanceof Response) {
        if (!module.ok) {
            throw new Error(`failed to fetch Wasm: ${module.status} ${module.statusText} fetching '${module.url}'`);
        }

        if (typeof WebAssembly.instantiateStreaming === 'function') {
            try {
                return await WebAssembly.instantiateStreaming(module, imports);
            } catch (e) {
                const validResponse = expectedResponseType(module.type);

                if (validResponse && module.headers.get('Content-Type') !== 'application/wasm') {
                    console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n", e);

                } else { throw e; }
            }
        }

        const bytes = await module.arrayBuffer();
        return await WebAssembly.instantiate(bytes, imports);
    } else {
        const instance = await WebAssembly.instantiate(module, imports);

        if (instance instanceof WebAssembly.Instance) {
            return { instance, module };
        } else {
            return instance;
        }
    }

    function expectedResponseType(type) {
        switch (type) {
            case 'basic': case 'cors': case 'default': return true;
        }
        return false;
    }
}

function initSync(module) {
    if (wasm !== undefined) return wasm;


    if (module !== undefined) {
        if (Object.getPrototypeOf(module) === Object.prototype) {
            ({module} = module)
        } else {
            console.warn('using deprecated parameters for `initSync()`; pass a single object instead')
        }
    }

    const imports = __wbg_get_imports();
    if (!(module instanceof WebAssembly.Module)) {
        module = new WebAssembly.Module(module);
    }
    const instance = new WebAssembly.Instance(module, imports);
    return __wbg_finalize_init(instance, module);
}

let __wbg_init_promise;
async function __wbg_init(module_or_path) {
    if (wasm !== undefined) return wasm;
    if (__wbg_init_promise === undefined) {
        __wbg_init_promise = __wbg_init_once(module_or_path);
        __wbg_init_promise.catch(() => { __wbg_init_promise = undefined; });
    }
    return __wbg_init_promise;
}

async function __wbg_init_once(module_or_path) {

    if (module_or_path !== undefined) {
        if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
            ({module_or_path} = module_or_path)
        } else {
            console.warn('using deprecated parameters for the initialization function; pass a single object instead')
        }
    }

    if (module_or_path === undefined) {
        module_or_path = new URL('core_wasm_bg.wasm', import.meta.url);
    }
    const imports = __wbg_get_imports();

    if (typeof module_or_path === 'string' || (typeof Request === 'function' && module_or_path instanceof Request) || (typeof URL === 'function' && module_or_path instanceof URL)) {
        module_or_path = fetch(module_or_path);
    }

    const { instance, module } = await __wbg_load(await module_or_path, imports);

    return __wbg_finalize_init(instance, module);
}

export { initSync, __wbg_init as default };
