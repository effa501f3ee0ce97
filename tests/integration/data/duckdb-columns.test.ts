import { afterAll, beforeAll, expect, test } from 'bun:test'
import { DuckDb, VECTOR_ROWS } from '../../../src/data/duckdb.ts'

let db: DuckDb
beforeAll(async () => {
  db = await DuckDb.open()
})
afterAll(() => db.close())

const NAMES = ['a', 'b']

/** Two columns: 0, 1, 2, … and half of it. */
function columns(rows: number): readonly Float64Array[] {
  const a = Float64Array.from({ length: rows }, (_, row) => row)
  return [a, a.map((value) => value / 2)]
}

test.each([0, 1, VECTOR_ROWS - 1, VECTOR_ROWS, VECTOR_ROWS + 1, 5 * VECTOR_ROWS + 7])(
  'a query reads %i rows of columns as a table, in order',
  async (rows) => {
    const given = columns(rows)
    const read: number[][] = [[], []]
    await db.withColumns('given', NAMES, given, async () => {
      for await (const chunk of db.doubles('SELECT a, b FROM given', 2)) {
        chunk.forEach((values, i) => {
          read[i]?.push(...values)
        })
      }
    })
    expect(read).toEqual(given.map((values) => [...values]))
  },
)

test('columns may lie in shared memory', async () => {
  const shared = new Float64Array(new SharedArrayBuffer(3 * 8))
  shared.set([1, 2, 4])
  const total = await db.withColumns('one', ['a'], [shared], () =>
    db.rows('SELECT sum(a) FROM one'),
  )
  expect(total).toEqual([[7]])
})

test('a query scans them more than once at the same time, each scan from the start', async () => {
  const rows = 3 * VECTOR_ROWS + 1
  const sql = `SELECT CAST(count(*) AS DOUBLE), sum(x.a - y.a) FROM given x POSITIONAL JOIN given y
    WHERE x.a NOT IN (SELECT a FROM given WHERE a >= ${VECTOR_ROWS})`
  const found = await db.withColumns('given', NAMES, columns(rows), () => db.rows(sql))
  expect(found).toEqual([[VECTOR_ROWS, 0]])
})

test('the columns are let go when the work ends, however it ends', async () => {
  const failing = db.withColumns('given', NAMES, columns(10), () =>
    db.run('SELECT missing FROM given'),
  )
  await expect(failing).rejects.toThrow('missing')
  expect(await db.rows('SELECT CAST(count(*) AS DOUBLE) FROM given')).toEqual([[0]])
})
