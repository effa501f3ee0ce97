import { join } from 'node:path'
import type { App } from '../../../src/app/app.ts'
import { createApp } from '../../../src/app/app.ts'
import type { Environment } from '../../../src/app/environment.ts'
import { systemClock } from '../../../src/cli/system-clock.ts'

export const ROOT = join(import.meta.dir, '..', '..', '..')

/** The real use cases over the repository's own configuration and sample, inside the test. */
export function openApp(changes: Partial<Environment> = {}): App {
  return createApp({
    configDir: join(ROOT, 'config'),
    dataDir: undefined,
    cwd: ROOT,
    env: {},
    version: '0.1.0',
    clock: systemClock(() => 0),
    elapsed: () => 0,
    random: () => 0.5,
    hide: () => {},
    logger: { info() {}, warn() {}, setLevel() {} },
    signal: new AbortController().signal,
    ...changes,
  })
}
