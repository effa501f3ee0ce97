import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { crypto, makeProject } from './crypto.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)

const dir = project.path('faulty')
mkdirSync(dir)
cpSync(project.path('config'), dir, { recursive: true })
const append = (file: string, text: string) =>
  writeFileSync(`${dir}/${file}`, `${readFileSync(`${dir}/${file}`, 'utf8')}\n${text}`)
append('backtests.yaml', '  later: { strategies: [nobody], start: 2024-01-01, end: 2024-02-01 }\n')
append(
  'sweeps.yaml',
  '  small: { backtest: btc_strategies_2024, strategy: sma_crossover, interval: 1h, params: { fast_period: [5, 10] } }\n',
)

const run = (...words: string[]) =>
  crypto([...words, '--config-dir', 'faulty'], { cwd: project.dir })
const PLACE = /faulty\/backtests\.yaml:\d+:\d+ .*strategy 'nobody' is not known/

test.each([
  ['backtest run NAME', ['backtest', 'run', 'btc_strategies_2024']],
  ['backtest sweep NAME', ['backtest', 'sweep', 'small']],
  ['backtest run --sweep NAME', ['backtest', 'run', '--sweep', 'small', '--set', 'fast_period=5']],
])('%s warns of a problem in an entry that it does not use', async (_, words) => {
  const { code, err } = await run(...words)
  expect(err.replace(/\s+/g, ' ')).toMatch(PLACE)
  expect(code).toBe(0)
})

test.each([
  ['the backtest itself', ['backtest', 'run', 'later']],
  ['the list of backtests', ['backtest', 'run']],
  ['the list of sweeps', ['backtest', 'sweep']],
  ['config validate', ['config', 'validate']],
])('%s is refused for it', async (_, words) => {
  const { code, out, err } = await run(...words)
  expect(out + err).toContain("strategy 'nobody' is not known")
  expect(code).toBe(2)
})
