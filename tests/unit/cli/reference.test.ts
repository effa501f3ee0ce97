import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { renderReference } from '../../../src/cli/reference.ts'
import { loadReports } from '../../../src/report/load-reports.ts'

const REPORTS = await loadReports()
const PAGE = join(import.meta.dir, '..', '..', '..', 'docs', 'cli.md')

test('docs/cli.md is what the command tree and the schemas say', async () => {
  // `bun src/cli/generate-reference.ts` rewrites the page.
  expect(await Bun.file(PAGE).text()).toBe(renderReference(REPORTS))
})

test('the page has every document and every command', () => {
  const page = renderReference(REPORTS)
  for (const { id } of REPORTS) expect(page).toContain(`### \`${id}\``)
  for (const title of ['crypto backtest sweep [name]', 'crypto data import <file...>']) {
    expect(page).toContain(`### \`${title}\``)
  }
})
