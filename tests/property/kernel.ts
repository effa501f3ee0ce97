import { Kernel } from '../../src/kernel/kernel.ts'

const file = new URL('../../core-wasm/pkg/core_wasm_bg.wasm', import.meta.url)

/** One kernel for all properties of a file: state left over from one example must not change the next. */
export const kernel = Kernel.load(await WebAssembly.compile(await Bun.file(file).arrayBuffer()))
