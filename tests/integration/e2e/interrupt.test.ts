import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import {
  type Child,
  crypto,
  documentOf,
  type ErrorDocument,
  type Finished,
  inTerminal,
  makeProject,
  parseDocument,
  type SweepDocument,
} from './crypto.ts'
import { Screen } from './screen.ts'
import { digestOfRows, type ParquetTable, readParquet } from './tables.ts'

setDefaultTimeout(60_000)

const SWEEP = `
    strategy: sma_crossover
    symbol: BTCUSDT
    interval: 1h
    start: "2023-06-01"
    end: "2024-12-31"
    params:
      fast_period: { from: 2, to: 150, step: 1 }
      slow_period: { from: 3, to: 600, step: 1 }
    where: fast_period < slow_period
`
const project = makeProject({ 'config/sweeps.yaml': `sweeps:\n  big:${SWEEP}  after_it:${SWEEP}` })
afterAll(project.remove)
const options = { cwd: project.dir }

const whole = crypto(['backtest', 'sweep', 'big', '--json', '--output', 'whole'], options)
const wholeRows = whole.then((done) =>
  readParquet(join(project.dir, 'whole/big.parquet')).then((table) => ({ done, table })),
)

// Small tiles on one worker take several times as long: time enough to interrupt.
const settings = readFileSync(project.path('config/settings.yaml'), 'utf8')
await whole
project.write('config/settings.yaml', settings.replace('block_points: 0', 'block_points: 16'))

/** Waits until some rows of the sweep are on disk, or the command has ended: what it said then tells more. */
async function someRows(output: string, hasEnded: () => boolean): Promise<void> {
  const dir = project.path(output)
  const size = () => {
    const hidden = existsSync(dir) && readdirSync(dir).find((name) => name.startsWith('.big-'))
    if (!hidden) return 0
    return statSync(join(dir, hidden, 'rows.spool'), { throwIfNoEntry: false })?.size ?? 0
  }
  while (!hasEnded() && size() < 200_000) await Bun.sleep(5)
}

async function interrupted(
  signal: NodeJS.Signals,
  output: string,
  words: readonly string[],
): Promise<Finished> {
  return crypto(['backtest', 'sweep', ...words, '--workers', '1', '--output', output], {
    ...options,
    during: async (child: Child) => {
      await someRows(output, () => child.exitCode !== null)
      child.kill(signal)
    },
  })
}

/** Checks that a folder holds a valid part of the whole result and nothing else; returns how many rows. */
async function expectPart(
  output: string,
): Promise<{ readonly rows: number; readonly digest: string }> {
  expect(readdirSync(project.path(output)).sort()).toEqual([
    'big.partial.manifest.json',
    'big.partial.parquet',
  ])
  const { table, done } = await wholeRows
  const { combinations } = documentOf<SweepDocument>(done).result
  const part = await readParquet(project.path(output, 'big.partial.parquet'))
  expect(part.names).toEqual(table.names)
  expect(part.types).toEqual(table.types)
  expect(part.rows.length).toBeGreaterThan(0)
  expect(part.rows.length).toBeLessThan(combinations)
  expect(rowsNotIn(table, part)).toEqual([])
  const digest = await digestOfRows(project.path(output, 'big.partial.parquet'))
  const manifest = JSON.parse(
    readFileSync(project.path(output, 'big.partial.manifest.json'), 'utf8'),
  )
  expect(manifest).toMatchObject({
    interrupted: true,
    failure: null,
    combinations,
    completed: part.rows.length,
    digest,
  })
  return { rows: part.rows.length, digest }
}

/** The rows of a part that the whole does not have, every bit compared; both are in the order of the grid. */
function rowsNotIn(whole: ParquetTable, part: ParquetTable): readonly unknown[] {
  const known = new Map(whole.rows.map((cells) => [`${cells[0]} ${cells[1]}`, cells]))
  return part.rows.filter((cells) => {
    const expected = known.get(`${cells[0]} ${cells[1]}`)
    return expected === undefined || cells.some((cell, i) => !Object.is(cell, expected[i]))
  })
}

describe('a sweep that is interrupted', () => {
  const byInt = interrupted('SIGINT', 'int', ['big', '--json'])
  const byTerm = interrupted('SIGTERM', 'term', ['big', '--json'])
  const inHuman = interrupted('SIGINT', 'human', ['big'])

  test.each([
    ['SIGINT', 130, byInt, 'int'],
    ['SIGTERM', 143, byTerm, 'term'],
  ] as const)('by %s ends with %p and a valid partial result', async (_, exitCode, run, output) => {
    const finished = await run
    expect(finished.code).toBe(exitCode)
    const { result, warnings, ok } = parseDocument<SweepDocument>(finished)
    const { rows, digest } = await expectPart(output)
    expect(ok).toBe(false)
    expect(result).toMatchObject({ interrupted: true, completed: rows, digest })
    expect(result.top).toHaveLength(10)
    const { message } = warnings.find((warning) => warning.code === 'INTERRUPTED')!
    expect(message).toStartWith(`interrupted: ${rows.toLocaleString('en-US')} of `)
    expect(finished.err.match(/stopping, what is done is kept/g)).toHaveLength(1)
  })

  test('says so to people, and how much is there', async () => {
    const { code, out, err } = await inHuman
    expect(code).toBe(130)
    const { rows, digest } = await expectPart('human')
    expect(out.replace(/\s+/g, ' ')).toContain(
      `interrupted: ${rows.toLocaleString('en-US')} of 78,076 combinations done`,
    )
    expect(out).toContain(digest)
    expect(err).toContain('stopping, what is done is kept; Ctrl-C again quits at once')
    expect(out + err).not.toContain('\u001b')
  })
})

describe('an import that is interrupted', () => {
  const MONTHS = 24
  const lake = project.path('data/lake')
  const words = ['--exchange', 'binance', '--symbol', 'XYZUSDT', '--interval', '1m']
  const command = ['data', 'import', project.path('years.parquet'), ...words, '--json']
  const stored = () => {
    const files = existsSync(lake) ? readdirSync(lake, { recursive: true }).map(String) : []
    return files.filter((name) => /\/\d{4}-\d\d\.parquet$/.test(name))
  }

  test('keeps whole months, says which, and goes on after them when repeated', async () => {
    const end = Date.UTC(2021 + MONTHS / 12, 0, 1)
    await withDuckDb({}, (db) =>
      db.run(`COPY (
        SELECT range AS open_time, 100 AS open, 110 AS high, 90 AS low, 95 + range // 60000 % 11 AS close, 1 AS volume
        FROM range(${Date.UTC(2021, 0, 1)}, ${end}, 60000)
      ) TO ${sqlText(project.path('years.parquet'))} (FORMAT parquet)`),
    )
    const { code, out } = await crypto(command, {
      ...options,
      during: async (child) => {
        while (child.exitCode === null && stored().length < 2) await Bun.sleep(2)
        child.kill('SIGINT')
      },
    })
    expect(code).toBe(130)
    const { error }: ErrorDocument = JSON.parse(out)
    const written = stored().length
    expect(written).toBeLessThan(MONTHS)
    expect(error.code).toBe('INTERRUPTED')
    expect(error.message).toMatch(
      new RegExp(
        `years.parquet: the import was interrupted. Of ${MONTHS} month\\(s\\) this import wrote 2021-01 to .* \\(${written}\\)\\.$`,
      ),
    )
    const again = documentOf<Record<'rows' | 'added' | 'unchanged', number>>(
      await crypto(command, options),
    )
    const { rows, added, unchanged } = again.result
    expect(rows).toBe((end - Date.UTC(2021, 0, 1)) / 60_000)
    expect(unchanged).toBeGreaterThanOrEqual(2 * 28 * 1440)
    expect(added).toBe(rows - unchanged)
    expect(stored()).toHaveLength(MONTHS)
  })
})

const hasTerminal = Bun.which('script') !== null

describe.skipIf(!hasTerminal)('in a terminal (needs `script` of util-linux)', () => {
  const size = { columns: 100, rows: 40 }
  const sweep = ['backtest', 'sweep', 'big', '--workers', '1']

  test('the panel redraws in place and leaves nothing behind', async () => {
    const words = ['backtest', 'sweep', 'btc_sma_grid', '--workers', '1']
    const { code, text } = await inTerminal([...words, '--output', project.path('panel')], size)
    expect(code).toBe(0)
    const screen = new Screen()
    screen.write(text)
    expect(text).toContain('Ctrl-C stops and keeps what is done')
    expect(screen.redraws).toBeGreaterThan(10)
    expect(screen.isCursorShown).toBe(true)
    expectPlain(screen.lines, 'btc_sma_grid')
  })

  test('Ctrl-C stops, says so once, ends with 130 and leaves nothing of the panel', async () => {
    const { code, text } = await inTerminal([...sweep, '--output', 'tty'], {
      ...size,
      ...options,
      during: async ({ type, text, hasEnded }) => {
        await someRows('tty', hasEnded)
        while (!hasEnded() && !text().includes('Ctrl-C stops')) await Bun.sleep(5)
        type('\u0003')
      },
    })
    expect(code).toBe(130)
    const screen = new Screen()
    screen.write(text)
    expect(screen.isCursorShown).toBe(true)
    const { rows } = await expectPart('tty')
    const shown = screen.lines.join('\n')
    expect(shown.match(/stopping, what is done is kept/g)).toHaveLength(1)
    expect(shown.replace(/\s+/g, ' ')).toContain(
      `interrupted: ${rows.toLocaleString('en-US')} of 78,076 combinations done`,
    )
    expectPlain(screen.lines, 'big')
  })

  /** The screen holds the estimate and then the result; nothing of a bar, a rate or a half-drawn table between. */
  function expectPlain(lines: readonly string[], sweep: string): void {
    const shown = lines.join('\n')
    expect(shown).not.toMatch(/Ctrl-C stops|[█░]|\beta\b/)
    expect(lines[0]).toStartWith(`sweep ${sweep} `)
    const head = lines.findIndex((line) => line.startsWith(`${sweep}  sma_crossover  BTCUSDT 1h`))
    expect(head).toBeGreaterThan(2)
    const between = lines.slice(3, head).filter((line) => !line.startsWith('stopping'))
    expect(between.filter((line) => line !== '')).toEqual([])
    expect(lines.filter((line) => /^ {1,2}#/.test(line))).toHaveLength(1)
    expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(
      size.columns,
    )
  }
})
