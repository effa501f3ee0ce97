import type { Clock } from '../../src/core/clock.ts'
import type { DatabaseContext, DatabaseSettings } from '../../src/data/timescale/settings.ts'
import type { TestDatabase } from './databases.ts'

/** Settings that reach a test database. */
export function settingsOf(
  { host, port, name, user, password }: Omit<TestDatabase, 'url' | 'drop'>,
  changes: Partial<DatabaseSettings> = {},
): DatabaseSettings {
  return {
    host,
    port,
    name,
    user,
    password: () => password,
    tls: 'off',
    ca: undefined,
    poolMax: 4,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 60_000,
    compressAfterDays: 14,
    applicationName: 'crypto-test',
    ...changes,
  }
}

/** Chunks are compressed by the tests that want it, and not by a policy in the background while others hold locks. */
export const UNCOMPRESSED = { compressAfterDays: 36_500 }

/** The wall clock, ten times as fast when waiting. */
const hastyClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await Bun.sleep(ms / 10)
    signal?.throwIfAborted()
  },
}

/** A context that keeps what was noted. */
export function testContext(): DatabaseContext & { readonly notes: string[] } {
  const notes: string[] = []
  return { clock: hastyClock, random: () => 0.5, note: (message) => notes.push(message), notes }
}
