import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crypto } from '../../unit/cli/harness.ts'
import { openApp } from './open-app.ts'

setDefaultTimeout(60_000)

test('data list lists the other series and warns of a damaged one', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'crypto-damaged-'))
  const folder = join(dataDir, 'lake/exchange=binance/symbol=AAAUSDT/interval=1h')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '2024-01.parquet'), 'this is not Parquet, but long enough to be read')
  const app = {
    create: async () => openApp({ dataDir }),
    ...{ requests: [], contexts: [], closed: () => 0 },
  }
  const json = await crypto('data list --json', { app })
  const human = await crypto('data list', { app })
  rmSync(dataDir, { recursive: true })
  expect(json.code).toBe(0)
  const { result, warnings } = JSON.parse(json.out)
  const symbols = result.series.map(({ symbol }: { symbol: string }) => symbol)
  expect(symbols).toContain('BTCUSDT')
  expect(symbols).not.toContain('AAAUSDT')
  expect(warnings).toHaveLength(1)
  expect(warnings[0].code).toBe('DATA_UNREADABLE')
  expect(warnings[0].message).toStartWith('binance AAAUSDT 1h is damaged and not listed: ')
  expect(human.code).toBe(0)
  expect(human.out).toContain('! binance AAAUSDT 1h is damaged')
})
