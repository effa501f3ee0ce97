import { expect, setDefaultTimeout, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { lockPath, takeSeriesLock } from '../../../src/data/local/lock.ts'
import { until } from '../../support/until.ts'
import { temporaryLakes, VENUE_BTC } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const CONTENDER = new URL('./lock-contender.ts', import.meta.url).pathname

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
    expect(readdirSync(lake).sort()).toEqual([basename(path), '.takeovers.sqlite'])
  },
)

test('of many that find the lock of a process that is gone, one takes it over', async () => {
  const { lake, folder } = newFixture()
  mkdirSync(lake)
  const path = lockPath(lake, VENUE_BTC)
  const dead = Bun.spawnSync([process.execPath, '--version']).pid
  const names = ['a', 'b', 'c', 'd']
  const count = 150
  const contenders = names.map((name) =>
    Bun.spawn([process.execPath, CONTENDER, lake, folder, String(count), name]),
  )
  try {
    const outcomes = () => names.map((name) => readLines(join(folder, name)))
    for (let round = 0; round < count; round++) {
      // Nobody gives the lock back: the next round begins with that of a process that is gone again.
      writeFileSync(join(folder, 'next'), holder(dead))
      renameSync(join(folder, 'next'), path)
      writeFileSync(join(folder, String(round)), '')
      await until(async () => outcomes().every((lines) => lines.length > round))
      const each = outcomes().map((lines) => lines[round] as string)
      expect(each.sort()).toEqual(['SERIES_BUSY', 'SERIES_BUSY', 'SERIES_BUSY', 'took'])
    }
  } finally {
    for (const contender of contenders) contender.kill()
    await Promise.all(contenders.map(({ exited }) => exited))
  }
})

function readLines(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
}
