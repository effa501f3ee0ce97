import { PlatformError } from '../core/errors.ts'
import type { ServiceContext, Services } from './services.ts'

/**
 * The composition root: connects the groups of `services.ts` to their implementations.
 * Each group imports what it needs when it is first asked for.
 */
export function createServices(_context: ServiceContext): Services {
  return {
    config: () => notConnected('config'),
    catalogs: () => notConnected('catalogs'),
    data: () => notConnected('data'),
    backtests: () => notConnected('backtests'),
    close: async () => {},
  }
}

async function notConnected(group: keyof Services): Promise<never> {
  throw new PlatformError(
    'NOT_CONNECTED',
    `The '${group}' services are not connected in composition.ts.`,
  )
}
