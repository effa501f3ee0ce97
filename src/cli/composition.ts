import { join } from 'node:path'
import { PlatformError } from '../core/errors.ts'
import type { CandleStore } from '../data/index.ts'
import type { Warning } from '../report/views.ts'
import type { Registries } from './registries.ts'
import type { ServiceContext, Services } from './services.ts'

/**
 * The composition root: connects the groups of `services.ts` to their implementations.
 * Each group imports what it needs when it is first asked for, so that checking the configuration opens no data engine.
 */
export function createServices(context: ServiceContext): Services {
  const problems: Warning[] = []
  let registries: Promise<Registries> | undefined
  let store: CandleStore | undefined
  const openRegistries = () => {
    registries ??= loadRegistries(context, problems)
    return registries
  }
  return {
    config: async () => {
      const { createConfigService } = await import('./wiring/config.ts')
      return createConfigService(context, await openRegistries())
    },
    catalogs: async () => {
      const { createCatalogs, loadKernelModule } = await import('./wiring/catalogs.ts')
      return createCatalogs(await openRegistries(), await loadKernelModule(), problems)
    },
    data: async () => {
      const { createDataService, openStore } = await import('./wiring/data.ts')
      store ??= openStore(context.dataDir)
      return createDataService(store)
    },
    backtests: async () => {
      throw new PlatformError('NOT_CONNECTED', 'The backtest services are not connected.')
    },
    close: async () => store?.close(),
  }
}

async function loadRegistries(context: ServiceContext, problems: Warning[]): Promise<Registries> {
  const { createRegistries } = await import('./registries.ts')
  return createRegistries({
    pluginDir: join(context.cwd, 'plugins'),
    onProblem: ({ path, reason }) => {
      problems.push({ code: 'PLUGIN_UNUSABLE', message: `${path}: ${reason}` })
    },
  })
}
