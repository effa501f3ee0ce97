import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeDatabases, environmentOf, withClient } from '../../support/databases.ts'
import { freePort } from '../../support/postgres.ts'
import { documentOf, type Finished, ROOT } from '../e2e/crypto.ts'
import { cryptoInside } from '../e2e/crypto-inside.ts'

setDefaultTimeout(60_000)

interface Migration {
  readonly name: string
  readonly status: string
}

interface Result {
  readonly database: string
  readonly timescale: { readonly licence: string } | null
  readonly features: Readonly<Record<string, boolean>>
  readonly note: string | null
  readonly migrations: readonly Migration[]
  readonly applied: readonly string[]
  readonly bytes: number
  readonly stored: Readonly<Record<string, number | null>> | null
}

/** What a command that must fail says, without the line breaks of its width. */
function refusal({ code, err, out }: Finished) {
  expect(out).toBe('')
  return { code, text: err.replace(/\s+/g, ' ') }
}

describeDatabases('crypto db', ({ fresh, timescale }) => {
  test('migrates an empty database, says what it has, and has nothing to do afterwards', async () => {
    const env = environmentOf(await fresh())
    const before = documentOf<Result>(
      await cryptoInside(['db', 'status', '--json'], { env }),
    ).result
    expect(before.stored).toBeNull()
    expect(new Set(before.migrations.map(({ status }) => status))).not.toContain('applied')
    expect((await cryptoInside(['db', 'status'], { env })).out).toContain(
      'bun run crypto db migrate',
    )

    const migrated = documentOf<Result>(
      await cryptoInside(['db', 'migrate', '--json'], { env }),
    ).result
    expect(migrated.applied.slice(0, 2)).toEqual(['0001_candles', '0002_rollups'])
    const licence = timescale === undefined ? null : timescale === 'tsl' ? 'timescale' : 'apache'
    expect(migrated.timescale?.licence ?? null).toBe(licence)
    expect(migrated.features).toEqual({
      hypertable: timescale !== undefined,
      compression: timescale === 'tsl',
      continuous_aggregates: timescale === 'tsl',
    })
    expect(migrated.note === null).toBe(timescale === 'tsl')

    const after = documentOf<Result>(await cryptoInside(['db', 'status', '--json'], { env })).result
    expect(after).toMatchObject({
      database: env.DB_NAME,
      stored: { series: 0, candles_estimate: 0 },
    })
    expect(after.migrations).toEqual(migrated.migrations)
    const again = await cryptoInside(['db', 'migrate'], { env })
    expect(again.out).toContain('nothing to do')
  })

  test('of a newer program is refused, with exit code 5', async () => {
    const place = await fresh()
    const env = environmentOf(place)
    await cryptoInside(['db', 'migrate'], { env })
    await withClient(place, (query) =>
      query(`INSERT INTO schema_migrations VALUES ('9999_future', 'hash', 'applied')`),
    )
    for (const command of ['migrate', 'status']) {
      const { code, text } = refusal(await cryptoInside(['db', command], { env }))
      expect(code).toBe(5)
      expect(text).toContain('does not know: 9999_future. Update the program')
    }
  })

  test('says what is wrong with the connection and what to do, never the password', async () => {
    const env = environmentOf(await fresh())
    const cases = [
      [
        { DB_PORT: `${await freePort()}` },
        'nothing listens there. Start it (docker compose up -d)',
      ],
      [{ DB_PASSWORD: 'not-the-password' }, `refused user '${env.DB_USER}'`],
      [{ DB_NAME: 'not_there' }, 'Create it: createdb -h'],
    ] as const
    for (const [wrong, said] of cases) {
      const { code, text } = refusal(
        await cryptoInside(['db', 'status'], { env: { ...env, ...wrong } }),
      )
      expect(code).toBe(5)
      expect(text).toContain(said)
      const verbose = await cryptoInside(['db', 'status', '--verbose'], {
        env: { ...env, ...wrong },
      })
      expect(verbose.err).not.toContain('not-the-password')
    }
  })
})

test('help and validation load no database driver', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loaded-'))
  const preload = join(folder, 'loaded.ts')
  const pattern = '/node_modules\\/pg\\//'
  // The command ends itself without the event of the process.
  writeFileSync(
    preload,
    `const quit = process.reallyExit.bind(process)
    process.reallyExit = (code) => {
      const names = Object.keys(require.cache).filter((key) => ${pattern}.test(key))
      require('node:fs').writeSync(2, 'modules of pg: ' + names.length)
      quit(code)
    }`,
  )
  const loaded = async (...words: readonly string[]) => {
    const command = [process.execPath, '--preload', preload, 'src/cli/main.ts', ...words]
    const env = { ...process.env, DB_PORT: '1' }
    const run = Bun.spawn(command, { cwd: ROOT, env, stdout: 'ignore', stderr: 'pipe' })
    return Number(/modules of pg: (\d+)/.exec(await run.stderr.text())?.[1])
  }
  expect(await loaded('db', '--help')).toBe(0)
  expect(await loaded('config', 'validate')).toBe(0)
  expect(await loaded('db', 'status')).toBeGreaterThan(0)
  rmSync(folder, { recursive: true })
})
