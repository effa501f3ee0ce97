import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, renameSync } from 'node:fs'
import { createArchive } from '../../../src/data/archive/archive.ts'
import { archiveInFolder } from '../../../src/data/archive/folder.ts'
import { overlay } from '../../../src/data/overlay.ts'
import { type ArchiveFileOptions, archiveLines } from '../../support/archive-fixture.ts'
import { walkCandles } from '../../support/walk.ts'
import {
  archiveTools,
  day,
  FEBRUARY,
  HOUR,
  JAN,
  JANUARY,
  plain,
  readAll,
  readFolder,
} from './archive-reading.ts'

setDefaultTimeout(60_000)

const { newArchive, of } = archiveTools()

const flip = (bytes: Uint8Array) => {
  const changed = bytes.slice()
  changed[changed.length >> 1] = (changed[changed.length >> 1] as number) ^ 1
  return changed
}
const cut = (bytes: Uint8Array) => bytes.slice(0, bytes.length - 2_000)
const otherHash = (text: string) => `${'0'.repeat(64)}${text.slice(64)}`

describe('a file of an archive', () => {
  const useless: readonly (readonly [string, string, string, ArchiveFileOptions])[] = [
    ['whose content is not what its checksum says', 'checksum', 'checksum file', { zip: flip }],
    ['whose checksum is that of another file', 'checksum', 'checksum', { checksum: otherHash }],
    ['whose checksum is no checksum', 'checksum', 'no SHA-256', { checksum: () => '<html>' }],
    ['that is cut short, with a checksum', 'checksum', 'checksum file', { zip: cut }],
    ['that is cut short, without one', 'damaged', 'damaged', { zip: cut, checksum: undefined }],
    ['that is empty', 'damaged', 'damaged', { zip: () => new Uint8Array(0), checksum: undefined }],
    [
      'whose content is changed, without a checksum',
      'damaged',
      'CRC',
      { zip: flip, checksum: undefined },
    ],
    ['that holds another file', 'misnamed', 'ETHUSDT.csv', { innerName: 'ETHUSDT.csv' }],
  ]

  test.each(useless)('%s is not used, and its days are', async (_, problem, text, options) => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY), options)
    await archive.put(`${JAN}-05`, of(day(5)))
    const read = await readFolder(archive)
    expect(read.problems).toEqual([problem])
    expect(read.messages[0]).toStartWith(`archive file ${JAN}.zip is not used: `)
    expect(read.messages[0]).toContain(text)
    expect(read.candles).toEqual(plain(of(day(5))))
  })

  test('without a checksum file is used, with a word', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY), { checksum: undefined })
    const read = await readFolder(archive)
    expect(read.problems).toEqual(['no_checksum'])
    expect(read.candles).toEqual(plain(of(JANUARY)))
  })

  test('of a month that was cut short gives what it has, and its days the rest', async () => {
    const archive = newArchive()
    const shortened = { ...JANUARY, toMs: day(20).fromMs + 7 * HOUR }
    await archive.put(JAN, of(shortened))
    for (const one of [20, 21]) await archive.put(`${JAN}-${one}`, of(day(one)))
    const read = await readFolder(archive)
    const rest = { fromMs: shortened.toMs, toMs: day(20).toMs }
    expect(read.problems).toEqual(['short'])
    expect(read.messages[0]).toContain(`lacks ${12 * 24 - 7} candle(s)`)
    expect(read.ranges).toEqual([shortened, rest, day(21)])
    expect(read.candles).toEqual(plain(of({ ...JANUARY, toMs: day(21).toMs })))
  })

  test('with several holes in one day reads the file of that day once', async () => {
    const archive = newArchive()
    const isLacking = (line: number) => line % 2 === 1 && line < 24
    await archive.put(JAN, of(JANUARY), { lines: (all) => all.filter((_, i) => !isLacking(i)) })
    await archive.put(`${JAN}-01`, of(day(1)))
    const paths: string[] = []
    const readFile = await archiveInFolder(archive.folder)
    const source = createArchive((path) => {
      paths.push(path)
      return readFile(path)
    })
    const read = await readAll(source)
    expect(read.candles).toEqual(plain(of(JANUARY)))
    expect(read.ranges).toHaveLength(13 + 12)
    expect(paths.filter((path) => path.endsWith(`${JAN}-01.zip`))).toHaveLength(1)
  })

  const rows: readonly (readonly [string, (lines: string[]) => string[]])[] = [
    [
      'a price of zero',
      (lines) => lines.with(5, (lines[5] ?? '').replace(/^(\d+),[\d.]+/, '$1,0')),
    ],
    [
      'a field that is no number',
      (lines) => lines.with(5, (lines[5] ?? '').replace(/^(\d+),[\d.]+/, '$1,x')),
    ],
    ['a row that is cut short', (lines) => lines.with(5, (lines[5] ?? '').slice(0, 60))],
    [
      'a row with other values for a time',
      (lines) => [
        ...lines,
        (lines[5] ?? '').replace(/,7,/, ',8,').replace(/(\d)\.(\d+),/, '$1.99999999,'),
      ],
    ],
  ]
  test.each(rows)('with %s is used without it', async (_, lines) => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY), { lines })
    const read = await readFolder(archive)
    expect(read.problems).toContain('rows')
    const sixth = { fromMs: JANUARY.fromMs + 5 * HOUR, toMs: JANUARY.fromMs + 6 * HOUR }
    expect(read.ranges).toEqual([
      { ...JANUARY, toMs: sixth.fromMs },
      { ...JANUARY, fromMs: sixth.toMs },
    ])
  })

  test('with its rows in any order, some of them twice, is used as it should be', async () => {
    const archive = newArchive()
    const lines = (all: string[]) => [...all.slice(300), ...all.slice(0, 310)]
    await archive.put(JAN, of(JANUARY), { lines })
    const read = await readFolder(archive)
    expect(read.candles).toEqual(plain(of(JANUARY)))
    expect(read.problems).toEqual([])
  })

  test('with its rows in any order gives what is wanted of them', async () => {
    const archive = newArchive()
    const lines = (all: string[]) => [...all.slice(300), ...all.slice(0, 310)]
    await archive.put(JAN, of(JANUARY), { lines })
    // One of them lies on both sides of the seam.
    const wanted = [day(3), day(13), day(20)]
    const read = await readFolder(archive, wanted)
    expect(read.ranges).toEqual(wanted)
    expect(read.candles).toEqual(wanted.map(of).reduce(overlay))
    expect(read.problems).toEqual([])
  })

  test('that contradicts itself far from what is wanted is not believed there', async () => {
    const archive = newArchive()
    const noon = { fromMs: day(5).fromMs + 12 * HOUR, toMs: day(5).fromMs + 13 * HOUR }
    const other = walkCandles({ ...noon, stepMs: HOUR, seed: 9 })
    const more = archiveLines(JAN, other)
    await archive.put(JAN, of(JANUARY), { lines: (all) => [...all, ...more] })
    const read = await readFolder(archive, [day(5)])
    expect(read.ranges).toEqual([
      { ...day(5), toMs: noon.fromMs },
      { ...day(5), fromMs: noon.toMs },
    ])
    expect(read.candles).toEqual(read.ranges.map(of).reduce(overlay))
    expect(read.problems).toContain('rows')
  })

  test('with rows of other months gives those of its own', async () => {
    const archive = newArchive()
    const more = archiveLines(JAN, of(FEBRUARY)).slice(0, 48)
    await archive.put(JAN, of(JANUARY), { lines: (all) => [...all, ...more] })
    const read = await readFolder(archive, [{ ...JANUARY, toMs: FEBRUARY.toMs }])
    expect(read.ranges).toEqual([JANUARY])
    expect(read.candles).toEqual(plain(of(JANUARY)))
  })

  test('that cannot be read is not used', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY))
    const path = archive.pathOf(JAN)
    renameSync(path, `${path}.aside`)
    mkdirSync(path)
    const read = await readFolder(archive)
    expect(read.problems).toEqual(['unreadable'])
    expect(read.ranges).toEqual([])
  })

  test('of a day may be as bad as one of a month', async () => {
    const archive = newArchive()
    await archive.put(`${JAN}-01`, of(day(1)), { zip: flip })
    await archive.put(`${JAN}-31`, of(day(31)), { unit: 'us' })
    const read = await readFolder(archive)
    expect(read.problems).toEqual(['checksum'])
    expect(read.ranges).toEqual([day(31)])
  })
})
