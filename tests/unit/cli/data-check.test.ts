import { expect, test } from 'bun:test'
import type { SeriesCheck } from '../../../src/data/index.ts'
import { DAMAGED, seriesCheck } from '../report/check-fixtures.ts'
import { crypto, fakeApp } from './harness.ts'

const { data } = await fakeApp().create({} as never)

function run(line: string, checks: readonly SeriesCheck[], ledger: readonly string[] = []) {
  const check = async () => ({ checks, ledger, warnings: [] })
  return crypto(line, {
    app: fakeApp({ data: async () => ({ ...(await data()), check }) }),
  })
}

test('data check ends with 3 for problems, and for notes only with --strict', async () => {
  const codeOf = async (line: string, checks: readonly SeriesCheck[]) =>
    (await run(line, checks)).code
  expect(await codeOf('data check', [seriesCheck(), DAMAGED])).toBe(3)
  expect(await codeOf('data check', [seriesCheck({ notes: 1 })])).toBe(0)
  expect(await codeOf('data check --strict', [seriesCheck({ notes: 1 })])).toBe(3)
  expect(await codeOf('data check --strict', [seriesCheck()])).toBe(0)
  const { out } = await run('data check --json', [DAMAGED])
  expect(JSON.parse(out)).toMatchObject({ ok: false, result: { problems: 7, notes: 30 } })
})

test('data check counts a damaged ledger among the problems', async () => {
  const { code, out } = await run('data check', [seriesCheck()], ['l.sqlite: is damaged.'])
  expect(code).toBe(3)
  expect(out).toContain('ledger  l.sqlite: is damaged.')
  const { out: json } = await run('data check --json', [seriesCheck()], ['l.sqlite: is damaged.'])
  expect(JSON.parse(json).result).toMatchObject({ problems: 1, ledger: ['l.sqlite: is damaged.'] })
})
