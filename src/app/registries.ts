import { drainMicrotasks } from 'bun:jsc'
import { join } from 'node:path'
import { discoverPlugins, IMPORT_MS_MAX, type PluginProblem } from '../core/plugins.ts'
import { type Registrable, Registry } from '../core/registry.ts'
import type { ExchangeDefinition } from '../exchanges/exchange.ts'
import type { IndicatorDefinition } from '../indicators/definition.ts'
import type { StrategyDefinition } from '../kernel/strategy.ts'
import { BUILTIN_EXCHANGES, BUILTIN_INDICATORS, BUILTIN_STRATEGIES } from './builtins.ts'
import { rememberBuiltins, rememberPlugin, runWithin } from './plugins/guard.ts'
import { refuseExchange, refuseIndicator, refuseStrategy } from './plugins/shapes.ts'
import { enterPlugin, finishTurn, leavePluginSoon, step, watchPlugins } from './plugins/watch.ts'

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
  /** Milliseconds for the import of a plugin, and for the check of its definition (default 10,000). */
  readonly pluginMsMax?: number | undefined
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
  { onProblem, pluginMsMax: msMax }: RegistriesOptions,
): Promise<void> {
  provideBuilders()
  const found = [
    await discover(strategies, 'strategy', join(pluginDir, 'strategies'), refuseStrategy, msMax),
    await discover(indicators, 'indicator', join(pluginDir, 'indicators'), refuseIndicator, msMax),
    await discover(exchanges, 'exchange', join(pluginDir, 'exchanges'), refuseExchange, msMax),
  ]
  for (const problem of found.flat()) onProblem?.(problem)
}

async function discover<T extends Registrable>(
  registry: Registry<T>,
  kind: string,
  dir: string,
  accepts: (value: unknown) => string | undefined,
  importMsMax = IMPORT_MS_MAX,
): Promise<readonly PluginProblem[]> {
  const register = (definition: T, source: string) => registry.register(definition, source)
  const builtins = rememberBuiltins()
  const damage = () => {
    const changed = builtins.restore()
    return changed === undefined
      ? undefined
      : `it changes ${changed}, which everything else uses; it was put back`
  }
  const onFile = (path: string) => {
    rememberPlugin(path)
    watchPlugins(importMsMax)
    enterPlugin(path)
  }
  const guards = { within: runWatched, onFile, onDone: leavePluginSoon, damage }
  const found = await discoverPlugins({ dir, kind, register, accepts, importMsMax, ...guards })
  return found.problems
}

/** Each of the limits on a plugin's code is shorter than the time of the watch, which begins with each of them. */
function runWatched<T>(work: () => T, msMax: number, what: string): T {
  step()
  try {
    return runWithin(work, msMax, what)
  } finally {
    finishTurn(drainMicrotasks, msMax)
    step()
  }
}

/**
 * Lets plugins import `crypto-platform/strategy` and `crypto-platform/exchange` wherever their folder lies. Inside this
 * package its own `exports` would do; outside of it the runtime would ask a package registry for that name.
 */
function provideBuilders(): void {
  Bun.plugin({
    name: 'what plugins build with',
    setup(build) {
      build.module('crypto-platform/strategy', () => ({
        exports: require('../indicators/index.ts'),
        loader: 'object',
      }))
      build.module('crypto-platform/exchange', () => ({
        exports: require('../exchanges/index.ts'),
        loader: 'object',
      }))
    },
  })
}
