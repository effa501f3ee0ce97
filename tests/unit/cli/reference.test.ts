import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { renderReference } from '../../../src/cli/reference.ts'
import { RESULT_SCHEMAS } from '../../../src/report/documents.ts'

const PAGE = join(import.meta.dir, '..', '..', '..', 'docs', 'cli.md')

test('docs/cli.md is what the command tree and the schemas say', async () => {
  // `bun src/cli/generate-reference.ts` rewrites the page.
  expect(await Bun.file(PAGE).text()).toBe(renderReference())
})

test('the page has every document and every command', () => {
  const page = renderReference()
  for (const id of Object.keys(RESULT_SCHEMAS)) expect(page).toContain(`### \`${id}\``)
  for (const title of ['crypto backtest sweep [name]', 'crypto data import <file>']) {
    expect(page).toContain(`### \`${title}\``)
  }
})
