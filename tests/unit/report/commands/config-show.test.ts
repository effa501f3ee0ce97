import { expect, test } from 'bun:test'
import { configShowReport } from '../../../../src/report/commands/config-show.ts'
import { PLAIN } from '../../../../src/report/terminal/style.ts'
import { EFFECTIVE } from '../fixtures.ts'

test('says where each value comes from', () => {
  const lines = configShowReport.lines({ effective: EFFECTIVE, origin: true }, PLAIN)
  expect(lines[1]).toMatch(/^settings\.database\.port: 5432 +# environment DB_PORT$/)
})
