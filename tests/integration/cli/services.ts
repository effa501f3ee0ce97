import { join } from 'node:path'
import { createServices } from '../../../src/cli/composition.ts'
import type { ServiceContext, Services } from '../../../src/cli/services.ts'

export const ROOT = join(import.meta.dir, '..', '..', '..')

/** The real services of the repository's own configuration and sample, inside the test. */
export function openServices(changes: Partial<ServiceContext> = {}): Services {
  return createServices({
    configDir: join(ROOT, 'config'),
    dataDir: undefined,
    cwd: ROOT,
    env: {},
    version: '0.1.0',
    now: () => 0,
    elapsed: () => 0,
    random: () => 0.5,
    hide: () => {},
    logger: { info() {}, warn() {}, setLevel() {} },
    signal: new AbortController().signal,
    ...changes,
  })
}
