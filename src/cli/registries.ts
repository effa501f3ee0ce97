import { join } from 'node:path'
import { discoverPlugins, type PluginProblem } from '../core/plugins.ts'
import { type Registrable, Registry } from '../core/registry.ts'
import type { ExchangeDefinition } from '../exchanges/exchange.ts'
import type { IndicatorDefinition } from '../indicators/definition.ts'
import type { StrategyDefinition } from '../kernel/strategy.ts'
import { BUILTIN_EXCHANGES, BUILTIN_INDICATORS, BUILTIN_STRATEGIES } from './builtins.ts'
import { refuseExchange, refuseIndicator, refuseStrategy } from './plugin-shapes.ts'

/** Everything that configuration can name. */
export interface Registries {
  readonly strategies: Registry<StrategyDefinition>
  readonly indicators: Registry<IndicatorDefinition>
  readonly exchanges: Registry<ExchangeDefinition>
}

export interface RegistriesOptions {
  /** The folder that holds `strategies`, `indicators` and `exchanges`; left out, only built-ins are registered. */
  readonly pluginDir?: string
  /** Called for every plugin that cannot be used; the others are registered. */
  readonly onProblem?: (problem: PluginProblem) => void
}

/** Registers the built-ins, then the plugins of a folder. Plugins never take the name of a built-in. */
export async function createRegistries(options: RegistriesOptions = {}): Promise<Registries> {
  const registries: Registries = {
    strategies: registryOf('strategy', BUILTIN_STRATEGIES),
    indicators: registryOf('indicator', BUILTIN_INDICATORS),
    exchanges: registryOf('exchange', BUILTIN_EXCHANGES),
  }
  if (options.pluginDir !== undefined) await addPlugins(registries, options.pluginDir, options)
  return registries
}

function registryOf<T extends Registrable>(kind: string, builtins: readonly T[]): Registry<T> {
  const registry = new Registry<T>(kind)
  for (const definition of builtins) registry.register(definition)
  return registry
}

async function addPlugins(
  { strategies, indicators, exchanges }: Registries,
  pluginDir: string,
  { onProblem }: RegistriesOptions,
): Promise<void> {
  provideBuilders()
  const found = [
    await discover(strategies, 'strategy', join(pluginDir, 'strategies'), refuseStrategy),
    await discover(indicators, 'indicator', join(pluginDir, 'indicators'), refuseIndicator),
    await discover(exchanges, 'exchange', join(pluginDir, 'exchanges'), refuseExchange),
  ]
  for (const problem of found.flat()) onProblem?.(problem)
}

async function discover<T extends Registrable>(
  registry: Registry<T>,
  kind: string,
  dir: string,
  accepts: (value: unknown) => string | undefined,
): Promise<readonly PluginProblem[]> {
  const register = (definition: T, source: string) => registry.register(definition, source)
  return (await discoverPlugins({ dir, kind, register, accepts })).problems
}

/**
 * Lets plugins import `crypto-platform/strategy` and `crypto-platform/exchange` wherever their folder lies. Inside this
 * package its own `exports` would do; outside of it the runtime would ask a package registry for that name.
 */
function provideBuilders(): void {
  Bun.plugin({
    name: 'what plugins build with',
    setup(build) {
      build.module('crypto-platform/strategy', async () => ({
        exports: await import('../indicators/index.ts'),
        loader: 'object',
      }))
      build.module('crypto-platform/exchange', async () => ({
        exports: await import('../exchanges/index.ts'),
        loader: 'object',
      }))
    },
  })
}
