import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  STRANGE_ANSWERS,
  type StrangeAnswer,
  startStrangePostgres,
} from '../../support/strange-postgres.ts'
import { ROOT } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'

setDefaultTimeout(120_000)

const MAIN = join(ROOT, 'src/cli/main.ts')
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0 && Bun.which('setpriv') !== null
const why = isRoot ? '' : ' (skipped: needs root, to be somebody else)'

let dir: string
const lake = () => join(dir, 'data/lake')
const series = (symbol: string) => join(lake(), `exchange=venue/symbol=${symbol}/interval=1h`)
const month = (symbol: string) => join(series(symbol), '2024-01.parquet')

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'whose-fault-'))
  chmodSync(dir, 0o755)
  mkdirSync(join(dir, 'own'))
  if (isRoot) chownSync(join(dir, 'own'), NOBODY, NOBODY)
  const rows = Array.from(
    { length: 50 },
    (_, i) => `${1_704_067_200_000 + i * 3_600_000},5,6,4,5,1`,
  )
  writeFileSync(join(dir, 'a.csv'), `time,open,high,low,close,volume\n${rows.join('\n')}\n`)
  for (const symbol of ['A', 'B', 'C']) {
    const words = ['data', 'import', join(dir, 'a.csv'), ...keyOf(symbol)]
    expect((await run(words, { isNobody: false })).code).toBe(0)
  }
  Bun.spawnSync(['chmod', '-R', 'a+rX', join(dir, 'data')])
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const keyOf = (symbol: string) => ['--exchange', 'venue', '--symbol', symbol, '--interval', '1h']

/** Runs a command, as somebody who is not root unless told otherwise. */
async function run(
  words: readonly string[],
  {
    isNobody = true,
    redirect = '',
    env,
  }: { isNobody?: boolean; redirect?: string; env?: Readonly<Record<string, string>> } = {},
) {
  const own = join(dir, 'own')
  const options = ['--config-dir', join(ROOT, 'config'), '--data-dir', join(dir, 'data'), ...words]
  const place = { HOME: own, TMPDIR: own, ...env }
  const { code, out, err } =
    // The driver of a database throws some errors where nobody but the process catches them.
    isNobody || redirect !== '' || env !== undefined
      ? await runProcess(options, { isNobody, redirect, own, place })
      : await cryptoInside(options, { cwd: own, env: place })
  const said = `${out}${err}`
  expect(said).not.toContain('bug of ours')
  expect(readdirSync(own).filter((name) => name.includes('crash'))).toEqual([])
  return { code, out, err, flat: said.replace(/\s+/g, ' ') }
}

async function runProcess(
  options: readonly string[],
  {
    isNobody,
    redirect,
    own,
    place,
  }: { isNobody: boolean; redirect: string; own: string; place: Readonly<Record<string, string>> },
) {
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  const program = [process.execPath, MAIN, ...options]
  const all = isNobody ? ['setpriv', ...ids, ...program] : program
  const child = Bun.spawn(['sh', '-c', `"$@" ${redirect}`, 'sh', ...all], {
    cwd: own,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...place },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, out, err }
}

const REFUSED = /permission is denied \(EACCES\)\. Give this user the right to it \(chmod, chown\)/

describe(`what may not be read${why}`, () => {
  test.skipIf(!isRoot).each([
    ['folder of a series', () => series('A')],
    ['folder of a symbol', () => join(lake(), 'exchange=venue/symbol=A')],
    ['month', () => month('A')],
    ['manifest', () => join(series('A'), 'manifest.json')],
  ])('a %s is named, and keeps no other series from being used', async (kind, pathOf) => {
    chmodSync(pathOf(), 0)
    try {
      const listed = await run(['data', 'list'])
      expect(listed.code).toBe(0)
      expect(listed.out).toMatch(/venue +B +1h/)
      if (kind !== 'month') expect(listed.flat).toMatch(REFUSED)
      const checked = await run(['data', 'check'])
      expect(checked.code).toBe(3)
      expect(checked.out).toMatch(/venue B 1h .* ok/)
      expect(checked.flat).toMatch(REFUSED)
      const exported = await run(['data', 'export', ...keyOf('A'), '--output', 'a.csv'])
      expect(exported.code).toBe(3)
      expect(exported.flat).toMatch(REFUSED)
      for (const { flat } of [listed, checked, exported])
        expect(flat).not.toMatch(/delete|--repair/i)
      expect((await run(['data', 'export', ...keyOf('B'), '--output', 'b.csv'])).code).toBe(0)
    } finally {
      chmodSync(pathOf(), 0o755)
    }
  })

  test.skipIf(!isRoot)('a folder where a month should be is said to be one', async () => {
    const kept = readFileSync(month('C'))
    rmSync(month('C'))
    mkdirSync(month('C'))
    const exported = await run(['data', 'export', ...keyOf('C'), '--output', 'c.csv'])
    expect(exported.code).toBe(3)
    expect(exported.flat).toContain('it is a folder, where a file should be')
    expect(exported.flat).not.toMatch(/delete/i)
    rmSync(month('C'), { recursive: true })
    writeFileSync(month('C'), kept)
  })

  test.skipIf(!isRoot)('an import does not write over what it may not read', async () => {
    const file = join(dir, 'own/more.csv')
    writeFileSync(file, 'time,open,high,low,close,volume\n1706000400000,5,6,4,5,1\n')
    Bun.spawnSync(['chown', '-R', `${NOBODY}:${NOBODY}`, join(dir, 'data')])
    Bun.spawnSync(['chown', '0:0', month('A')])
    chmodSync(month('A'), 0)
    const before = readFileSync(month('A'))
    try {
      const imported = await run(['data', 'import', file, ...keyOf('A')])
      expect(imported.code).toBe(3)
      expect(imported.flat).toMatch(REFUSED)
      expect(readFileSync(month('A')).equals(before)).toBe(true)
    } finally {
      chmodSync(month('A'), 0o644)
    }
  })
})

describe('messages that cannot be written', () => {
  const words = ['data', 'list', '--verbose']
  test.skipIf(!existsSync('/dev/full'))('do not stop a run', async () => {
    const whole = await run(words, { isNobody: false })
    for (const redirect of ['2>/dev/full', '2>&-']) {
      const { code, out } = await run(words, { isNobody: false, redirect })
      expect([code, out]).toEqual([0, whole.out])
    }
  })

  test.skipIf(!existsSync('/dev/full'))(
    'a result that cannot be is a failure, and said',
    async () => {
      for (const json of [[], ['--json']]) {
        const { code, err } = await run(['data', 'list', ...json], {
          isNobody: false,
          redirect: '>/dev/full',
        })
        expect(code).toBe(1)
        expect(err).toContain('The output cannot be written')
      }
    },
  )
})

describe('a log on a full disk', () => {
  const disk = mkdtempSync(join(tmpdir(), 'whose-fault-disk-'))
  const mount = ['mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]
  const isMounted = isRoot && Bun.spawnSync(mount, { stderr: 'ignore' }).exitCode === 0
  afterAll(() => {
    if (isMounted) Bun.spawnSync(['umount', disk])
    rmSync(disk, { recursive: true, force: true })
  })

  test.skipIf(!isMounted)(
    'is said once, and the command goes on (needs root, to mount a tmpfs)',
    async () => {
      expect(() => writeFileSync(join(disk, 'hog'), Buffer.alloc(1 << 20))).toThrow('ENOSPC')
      const words = ['data', 'check', '--verbose', '--log-file', join(disk, 'run.log')]
      const { code, flat } = await run(words, { isNobody: false })
      expect(code).toBe(0)
      expect(flat.split('cannot be written: the disk or a quota is full (ENOSPC)')).toHaveLength(2)
      const exported = await run(
        ['data', 'export', ...keyOf('B'), '--output', join(disk, 'b.csv')],
        { isNobody: false },
      )
      expect(exported.code).toBe(1)
      expect(exported.flat).toContain('the disk is full')
      expect(readdirSync(disk).sort()).toEqual(['hog', 'run.log'])
    },
  )
})

test.each(Object.keys(STRANGE_ANSWERS) as StrangeAnswer[])(
  'a database server that answers %s is named, with exit 5',
  async (answer) => {
    const server = await startStrangePostgres(answer)
    const database = {
      DATA_DRIVER: 'timescale',
      DB_HOST: '127.0.0.1',
      DB_PORT: `${server.port}`,
      DB_USER: 'u',
      DB_NAME: 'd',
      DB_PASSWORD: 'p',
    }
    for (const command of ['data list', 'db status']) {
      const { code, flat } = await run(command.split(' '), { isNobody: false, env: database })
      expect(code).toBe(5)
      expect(flat).toMatch(
        /answers cannot be understood|answers what cannot be understood|reports: invalid page/,
      )
    }
    server.stop()
  },
)

describe('the place of a result', () => {
  const exportTo = (output: string, ...more: readonly string[]) =>
    run(['data', 'export', ...keyOf('B'), '--output', output, ...more], { isNobody: false })

  test.each([
    ['a link', 'is a link to', (path: string) => symlinkSync(join(dir, 'own/target.csv'), path)],
    ['a link to nothing', 'is a link to nothing', (path: string) => symlinkSync('nowhere', path)],
    ['a folder', 'is a folder', (path: string) => mkdirSync(path)],
    ['a pipe', 'is a pipe or a device', (path: string) => Bun.spawnSync(['mkfifo', path])],
  ])('that is %s is refused', async (_, text, make) => {
    const target = join(dir, 'own/target.csv')
    writeFileSync(target, 'old')
    const path = join(dir, 'own/place.csv')
    make(path)
    const { code, flat } = await exportTo(path)
    expect(code).toBe(2)
    expect(flat).toContain(`${path}: ${text}`)
    expect(readFileSync(target, 'utf8')).toBe('old')
    rmSync(path, { recursive: true })
  })

  test('may be behind a link that is to be followed, and the link stays', async () => {
    const [target, path] = [join(dir, 'own/target.csv'), join(dir, 'own/asked.csv')]
    writeFileSync(target, 'old')
    symlinkSync('target.csv', path)
    expect((await exportTo(path, '--follow-links')).code).toBe(0)
    expect(readFileSync(target, 'utf8')).toStartWith('open_time,')
    expect(readlinkSync(path)).toBe('target.csv')
    rmSync(path)
  })

  test('may be below a link to a folder', async () => {
    mkdirSync(join(dir, 'own/real'))
    symlinkSync('real', join(dir, 'own/linked'))
    expect((await exportTo(join(dir, 'own/linked/b.csv'))).code).toBe(0)
    expect(readdirSync(join(dir, 'own/real'))).toEqual(['b.csv'])
  })
})
