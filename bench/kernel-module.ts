import { Kernel } from '../src/kernel/kernel.ts'

const FILE = new URL('../core-wasm/pkg/core_wasm_bg.wasm', import.meta.url)

/** Compiles the committed kernel. */
export async function compileKernel(): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await Bun.file(FILE).arrayBuffer())
}

export async function loadKernel(): Promise<Kernel> {
  return Kernel.load(await compileKernel())
}

/** sha-256 of the kernel binary, hex. */
export async function kernelHash(): Promise<string> {
  const hasher = new Bun.CryptoHasher('sha256')
  return hasher.update(await Bun.file(FILE).arrayBuffer()).digest('hex')
}
