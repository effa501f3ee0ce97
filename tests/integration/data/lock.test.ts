import { expect, setDefaultTimeout, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { ownIdentity, type ProcessIdentity } from '../../../src/core/process-identity.ts'
import { lockPath, takeSeriesLock } from '../../../src/data/lake/lock.ts'
import { until } from '../../support/until.ts'
import { temporaryLakes, VENUE_BTC } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const CONTENDER = new URL('./lock-contender.ts', import.meta.url).pathname
const BUSY = 'is writing into this series'

const newFixture = temporaryLakes()

function newLock() {
  const { lake, folder } = newFixture()
  mkdirSync(lake)
  return { lake, folder, path: lockPath(lake, VENUE_BTC) }
}

const textOf = (holder: Partial<ProcessIdentity>) =>
  `${JSON.stringify({ ...ownIdentity(), ...holder })}\n`

/** A process that runs, whatever this test does. */
const parent = process.ppid

const identityOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return { pid, start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] as string }
}

const isLinux = process.platform === 'linux'

/** Takes the lock and gives it back, after which nothing is left. */
function expectTaken({ lake }: { readonly lake: string }) {
  takeSeriesLock(lake, VENUE_BTC)()
  expect(readdirSync(lake)).toEqual([])
}

test.each([
  ['an empty file', ''],
  ['a file that was cut short', '{"pid":12'],
  ['the file of another program', 'locked by hand, 3 May\n'],
  ['zeros, as after a power cut', '\0\0\0\0\0\0\0\0'],
  ['no process', '{"pid":-1,"host":"here"}'],
  ['null', 'null'],
])('%s does not block a series', (_, text) => {
  const lock = newLock()
  writeFileSync(lock.path, text)
  expectTaken(lock)
})

test.skipIf(Bun.which('mkfifo') === null)('neither does a pipe or a folder', () => {
  const lock = newLock()
  Bun.spawnSync(['mkfifo', lock.path])
  expectTaken(lock)
  mkdirSync(lock.path)
  expectTaken(lock)
})

test.skipIf(!isLinux).each([
  ['a process number that another process has now', { ...identityOf(parent), start: '1' }],
  ['a process before the last start of the machine', { ...identityOf(parent), boot: 'before' }],
])('%s does not block a series', (_, holder) => {
  const lock = newLock()
  writeFileSync(lock.path, textOf(holder))
  expectTaken(lock)
})

test.skipIf(!isLinux)(
  'without a start, a process that is younger than the lock has not made it',
  () => {
    const lock = newLock()
    writeFileSync(lock.path, `${JSON.stringify({ pid: parent, host: hostname() })}\n`)
    expect(() => takeSeriesLock(lock.lake, VENUE_BTC)).toThrow(BUSY)
    utimesSync(lock.path, 1_000_000_000, 1_000_000_000)
    expectTaken(lock)
  },
)

test.skipIf(!isLinux)('a process that runs is never robbed', () => {
  const { lake, path } = newLock()
  writeFileSync(path, textOf(identityOf(parent)))
  expect(() => takeSeriesLock(lake, VENUE_BTC)).toThrow(`process ${parent} ${BUSY}`)
  expect(readFileSync(path, 'utf8')).toBe(textOf(identityOf(parent)))
  expect(readdirSync(lake)).toEqual([basename(path)])
})

async function startHolder({ lake, folder }: { readonly lake: string; readonly folder: string }) {
  const [start, outcomes] = [join(folder, 'start'), join(folder, 'outcomes')]
  writeFileSync(start, '')
  const holder = Bun.spawn([process.execPath, CONTENDER, lake, start, outcomes])
  await until(async () => existsSync(outcomes) && readFileSync(outcomes, 'utf8') === 'took\n')
  return holder
}

/** The guard tells of it, whatever became of the file. */
test('a process that runs is not robbed either when its lock was emptied, replaced or removed', async () => {
  const lock = newLock()
  const holder = await startHolder(lock)
  try {
    for (const text of ['', 'x', textOf({ boot: 'before' }), textOf({ namespace: 'pid:[1]' })]) {
      writeFileSync(lock.path, text)
      expect(() => takeSeriesLock(lock.lake, VENUE_BTC)).toThrow(BUSY)
    }
  } finally {
    holder.kill('SIGKILL')
    await holder.exited
  }
  expectTaken(lock)
})

/** As two containers that share a folder have it: the number of the one means nothing in the other. */
test.skipIf(!isLinux || process.getuid?.() !== 0)(
  'a process of another PID namespace is not robbed while it runs, and blocks nothing after it',
  async () => {
    const { lake, folder, path } = newLock()
    const [start, outcomes] = [join(folder, 'start'), join(folder, 'outcomes')]
    writeFileSync(start, '')
    const command = [process.execPath, CONTENDER, lake, start, outcomes]
    const holder = Bun.spawn(['unshare', '--pid', '--fork', '--kill-child', ...command])
    try {
      await until(async () => existsSync(outcomes) && readFileSync(outcomes, 'utf8') === 'took\n')
      expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBeLessThan(100)
      expect(() => takeSeriesLock(lake, VENUE_BTC)).toThrow(BUSY)
    } finally {
      holder.kill('SIGKILL')
      await holder.exited
    }
    await until(async () => {
      try {
        takeSeriesLock(lake, VENUE_BTC)()
        return true
      } catch {
        return false
      }
    })
  },
)

test('of many that find the lock of a process that was killed, one takes it over', async () => {
  const { lake, folder } = newLock()
  for (let round = 0; round < 12; round++) {
    const start = join(folder, `start-${round}`)
    const outcomes = ['a', 'b', 'c', 'd'].map((name) => join(folder, `${round}-${name}`))
    const contenders = outcomes.map((file) =>
      Bun.spawn([process.execPath, CONTENDER, lake, start, file]),
    )
    try {
      await until(async () => outcomes.every((file) => existsSync(file)))
      writeFileSync(start, '')
      const each = () => outcomes.map((file) => readFileSync(file, 'utf8').trim())
      await until(async () => each().every((text) => text !== ''))
      expect(each().sort()).toEqual(['SERIES_BUSY', 'SERIES_BUSY', 'SERIES_BUSY', 'took'])
    } finally {
      for (const contender of contenders) contender.kill('SIGKILL')
      await Promise.all(contenders.map(({ exited }) => exited))
    }
  }
})
