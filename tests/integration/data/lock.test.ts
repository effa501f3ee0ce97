import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { lockPath, takeSeriesLock } from '../../../src/data/local/lock.ts'
import { temporaryLakes, VENUE_BTC } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const newFixture = temporaryLakes()

const holder = (pid: number) => `${JSON.stringify({ pid, host: hostname() })}\n`

/**
 * The lock of a dead process is a pipe here. Reading it ends when its writer ends, who first puts the lock of a living process in
 * its place: what was read is out of date by the time that it is known.
 */
test.skipIf(Bun.which('mkfifo') === null)(
  'a lock that another process took over while it was read is not removed',
  async () => {
    const { lake, folder } = newFixture()
    mkdirSync(lake)
    const path = lockPath(lake, VENUE_BTC)
    const living = join(folder, 'living')
    writeFileSync(living, holder(process.ppid))
    Bun.spawnSync(['mkfifo', path])
    const dead = Bun.spawnSync([process.execPath, '--version']).pid
    const script = 'exec 3> "$0"; mv "$1" "$0"; printf %s "$2" >&3'
    const other = Bun.spawn(['sh', '-c', script, path, living, holder(dead)])
    expect(() => takeSeriesLock(lake, VENUE_BTC)).toThrow('is writing into this series')
    expect(await other.exited).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe(holder(process.ppid))
    expect(readdirSync(lake)).toEqual([basename(path)])
  },
)
