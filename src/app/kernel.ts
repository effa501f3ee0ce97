import { sha256 } from '../core/hash.ts'
import { Kernel } from '../kernel/kernel.ts'

export interface LoadedKernel {
  readonly kernel: Kernel
  /** Compiled once; workers instantiate it. */
  readonly module: WebAssembly.Module
  /** sha-256 of the binary, hex. */
  readonly hash: string
}

const WASM = new URL('../../core-wasm/pkg/core_wasm_bg.wasm', import.meta.url)

/** Compiles the committed kernel and instantiates it in this thread. */
export async function loadKernel(): Promise<LoadedKernel> {
  const binary = new Uint8Array(await Bun.file(WASM).arrayBuffer())
  const module = await WebAssembly.compile(binary)
  return { kernel: Kernel.load(module), module, hash: sha256(binary) }
}
