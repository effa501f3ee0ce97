import { join } from 'node:path'
import { Kernel } from '../../kernel/kernel.ts'
import { compileSignals } from '../../kernel/program.ts'
import type { StrategyDefinition } from '../../kernel/strategy.ts'
import { catalogOf, describeIndicator, describeParams, describeStrategy } from '../describe.ts'
import type { Registries } from '../registries.ts'
import type { Catalogs } from '../services.ts'

const KERNEL_FILE = join(import.meta.dir, '..', '..', '..', 'core-wasm', 'pkg', 'core_wasm_bg.wasm')

/** Returns the compiled kernel of this package. */
export async function loadKernelModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await Bun.file(KERNEL_FILE).arrayBuffer())
}

/** Shows the registries as catalogs; warm-up lengths come from the kernel, which alone knows them. */
export function createCatalogs(
  { strategies, indicators }: Registries,
  kernelModule: WebAssembly.Module,
  problems: Catalogs['problems'],
): Catalogs {
  const kernel = Kernel.load(kernelModule)
  return {
    strategies: catalogOf(strategies, (definition, source) =>
      describeStrategy(definition, { source, warmupBars: warmupOf(definition, kernel) }),
    ),
    indicators: catalogOf(indicators, describeIndicator),
    problems,
  }
}

/** Bars before the first one with all signals at the default parameters; null when a parameter has no default. */
function warmupOf(definition: StrategyDefinition, kernel: Kernel): number | null {
  const point = describeParams(definition.params).map((param) => param.default)
  if (!point.every((value) => typeof value === 'number')) return null
  return kernel.lookback(compileSignals(definition), point)
}
