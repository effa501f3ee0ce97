import { afterAll, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { validateConfig, writeSchemas } from '../../../src/config/index.ts'
import { optionsFor, sweepWith } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'config-cost-'))
afterAll(() => rmSync(folder, { recursive: true }))
const numbered = (count: number, of: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => of(i)).join('')

describe('an answer costs no more than the file is long', () => {
  test.each([
    ['brackets', `results: ${'['.repeat(100_000)}`, 'nested more than 64'],
    ['braces', `results: ${'{a: '.repeat(50_000)}`, 'nested more than 64'],
    ['dashes', `results:\n  ${'- '.repeat(100_000)}`, 'nested more than 64'],
    ['question marks', '? '.repeat(100_000), 'nested more than 64'],
    ['maps on one line', 'a: '.repeat(160_000), 'nested more than 64'],
    ['maps of two levels on each line', 'a: b: c\n'.repeat(6000), "a second ':'"],
    ['aliases without an anchor', `a: [${'*x, '.repeat(40_000)}]`, 'names no anchor'],
    ['levels of a block', numbered(900, (i) => `${' '.repeat(i)}a:\n`), "unknown key 'a'"],
    ['unknown keys', numbered(20_000, (i) => `key_${i}: ${i}\n`), 'more problems are not shown'],
    ['aliases', `results: &a x\nb: [${'*a, '.repeat(50_000)}]`, "unknown key 'b'"],
    ['anchors', `b:\n${numbered(20_000, (i) => `  - &a${i} x\n`)}`, "unknown key 'b'"],
    [
      'laughs',
      `a: &a [x,x]\n${numbered(60, (i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : 'a'},*${i ? `b${i - 1}` : 'a'}]\n`)}`,
      'repeats more than 50000 values',
    ],
    [
      'maps that merge maps',
      `x: &m0 {port: 0}\n${numbered(60, (i) => `k${i}: &m${i + 1} {<<: [*m${i}, *m${i}]}\n`)}database: *m60\n`,
      'repeats more than 50000 values',
    ],
    ['a scalar', `database: { port: ${'x'.repeat(400_000)} }`, 'port: must be an integer'],
    ['a scalar of references', `results: "${'$'}{A${'$'}{A`.repeat(20_000), 'nested more than 64'],
  ] as const)('%s', (_, settings, message) => {
    const started = performance.now()
    const { problems } = validateConfig(optionsFor({ settings }))
    expect(performance.now() - started).toBeLessThan(3000)
    expect(problems.some((problem) => problem.message.includes(message))).toBe(true)
    expect(Math.max(...problems.map((problem) => problem.message.length))).toBeLessThan(1100)
  })

  test('a list of thirty thousand values', () => {
    const values = numbered(30_000, (i) => `${i / 1e4 + 1}, `)
    const files = sweepWith(`params:\n  fast_period: [${values}]`)
    const started = performance.now()
    validateConfig(optionsFor(files))
    expect(performance.now() - started).toBeLessThan(4000)
  })
})

describe('a file that cannot be read is named with its reason', () => {
  const messageFor = (name: string, put: (path: string) => void) => {
    const dir = join(folder, name)
    mkdirSync(dir)
    put(join(dir, 'settings.yaml'))
    const { problems } = validateConfig({ dir, env: {} })
    return `${problems[0]?.code} ${problems[0]?.message} ${problems[0]?.hint}`
  }
  test.each([
    ['a folder', (path: string) => mkdirSync(path), 'it is a folder, not a file'],
    ['a link to nothing', (path: string) => symlinkSync('nowhere', path), 'leads nowhere'],
    ['a loop', (path: string) => symlinkSync(path, path), 'links lead in a circle'],
    ['a device', (path: string) => symlinkSync('/dev/zero', path), 'it is a device'],
    [
      'bytes',
      (path: string) => writeFileSync(path, new Uint8Array([0x61, 0x3a, 0xff])),
      'it is not UTF-8',
    ],
    ['a book', (path: string) => writeFileSync(path, 'x'.repeat(200_001)), '200000 are the most'],
  ])('%s', (name, put, reason) => {
    expect(messageFor(name, put)).toContain(`CONFIG_UNREADABLE cannot be read: `)
    expect(messageFor(`${name}_`, put)).toContain(reason)
  })

  test('a NUL has its place', () => {
    const { problems } = validateConfig(optionsFor({ settings: 'results: x\nresult: a\0b\n' }))
    expect(problems[0]).toMatchObject({ line: 2, col: 10, code: 'CONFIG_SYNTAX' })
  })

  test.skipIf(process.getuid?.() === 0)('permission (as root there is none to lack)', () => {
    const message = messageFor('denied', (path) => {
      writeFileSync(path, '')
      chmodSync(path, 0)
    })
    expect(message).toContain('permission is denied')
  })
})

describe('schemas that cannot be written are a refusal with the path', () => {
  const refusal = (dir: string) => {
    try {
      writeSchemas(dir)
      return 'none'
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`
    }
  }

  test('of a file in place of the folder', () => {
    writeFileSync(join(folder, 'file'), 'old')
    expect(refusal(join(folder, 'file'))).toContain(`CONFIG_UNWRITABLE ${folder}/file cannot be`)
  })

  test('of a folder in place of a file', () => {
    mkdirSync(join(folder, 'schemas/settings.schema.json/x'), { recursive: true })
    expect(refusal(join(folder, 'schemas'))).toContain(
      `OUTPUT_FOLDER ${folder}/schemas/settings.schema.json: is a folder`,
    )
  })

  test('of a link in place of a file, before any is written', () => {
    const dir = join(folder, 'linked')
    mkdirSync(dir)
    writeFileSync(join(folder, 'elsewhere'), 'old')
    symlinkSync(join(folder, 'elsewhere'), join(dir, 'sweeps.schema.json'))
    expect(refusal(dir)).toContain(`OUTPUT_LINK ${dir}/sweeps.schema.json: is a link`)
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('old')
    expect(readdirSync(dir)).toEqual(['sweeps.schema.json'])
  })

  test('of a device that is full, and nothing else stays behind', () => {
    const dir = join(folder, 'full')
    mkdirSync(dir)
    writeFileSync(join(dir, 'settings.schema.json'), 'old')
    symlinkSync('/dev/full', join(dir, 'settings.schema.json.part'))
    expect(refusal(dir)).toContain('the disk is full')
    expect(readFileSync(join(dir, 'settings.schema.json'), 'utf8')).toBe('old')
  })
})
