import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { documentOf, makeProject } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'

setDefaultTimeout(60_000)

const START = Date.UTC(2024, 0, 1)
const MINUTE = 60_000

/** Closes in ticks of 1e-9: 203 bars that move, the last one down, 1,400 that stand still, 50 that move. */
const TICKS = [...moves(203, 490, 7), ...Array.from({ length: 1400 }, () => 0)].reduce(walk, [])
TICKS.push(
  ...moves(50, 0, 11)
    .reduce(walk, [TICKS.at(-1) as number])
    .slice(1),
)

function walk(ticks: readonly number[], move: number): number[] {
  return [...ticks, (ticks.at(-1) ?? 0) + move]
}

function moves(count: number, first: number, seed: number): number[] {
  let state = seed
  const drawn = Array.from({ length: count }, (_, i) => {
    state = (state * 1103515245 + 12345) % 2147483648
    const size = 1 + ((state >> 8) % 4)
    return i === count - 1 ? -2 : state & 65536 ? size : -size
  })
  return first === 0 ? drawn : [first, ...drawn.slice(1)]
}

const time = (bar: number) => new Date(START + bar * MINUTE).toISOString().replace('.000', '')
const price = (ticks: number) => (ticks / 1e9).toFixed(9)

/**
 * The trades of rsi_mean_reversion over RSI(2) with whole numbers: Wilder's sums halve each bar, so that with both sides times
 * 2^bar nothing is rounded. Long when it rises above 30, out when it rises above 70, at the next open.
 */
function exactTrades(ticks: readonly number[]): readonly (readonly [string, string])[] {
  const [up, down] = [
    (move: number) => BigInt(Math.max(move, 0)),
    (move: number) => BigInt(Math.max(-move, 0)),
  ]
  const move = (bar: number) => (ticks[bar] as number) - (ticks[bar - 1] as number)
  let [gain, loss] = [up(move(1)) + up(move(2)), down(move(1)) + down(move(2))]
  const isAbove = (level: bigint) => 100n * gain > level * (gain + loss)
  let before = [isAbove(30n), isAbove(70n)]
  const trades: [string, string][] = []
  let isLong = false
  for (let bar = 3; bar < ticks.length - 1; bar++) {
    const weight = 2n ** BigInt(bar - 2)
    gain += up(move(bar)) * weight
    loss += down(move(bar)) * weight
    const now = [isAbove(30n), isAbove(70n)]
    const [enter, exit] = now.map((above, i) => above && !before[i])
    before = now
    if (enter === exit) continue
    if (enter && !isLong) trades.push([time(bar + 1), ''])
    else if (exit && isLong) (trades.at(-1) as [string, string])[1] = time(bar + 1)
    else continue
    isLong = !isLong
  }
  return trades
}

const project = makeProject({
  'config/settings.yaml': 'data: { sample: none }\n',
  'config/sweeps.yaml': 'sweeps: {}\n',
  'config/strategies.yaml':
    'strategies:\n  rsi2: { type: rsi_mean_reversion, params: { period: 2, oversold: 30, overbought: 70 }, symbols: [TINYUSDT], interval: 1m }\n',
  'config/backtests.yaml':
    'backtests:\n  flat: { strategies: [rsi2], start: 2024-01-01, end: 2024-01-03, slippage: 0 }\n',
})
afterAll(project.remove)

describe('an RSI over prices that stand still for a day', () => {
  // ta4j #1116, cinar/indicator #455: its sums underflow, and it jumps from 17 to 50.
  test('keeps its value, and candles that begin with the period lose no trade', async () => {
    const rows = TICKS.map((close, bar) => {
      const open = price(TICKS[bar - 1] ?? close)
      const [low, high] = [open, price(close)].toSorted()
      return [START + bar * MINUTE, open, high, low, price(close), 1].join()
    })
    const file = join(project.dir, 'flat.csv')
    writeFileSync(file, `open_time,open,high,low,close,volume\n${rows.join('\n')}\n`)
    const cwd = project.dir
    const names = ['--exchange', 'binance', '--symbol', 'TINYUSDT', '--interval', '1m']
    expect((await cryptoInside(['data', 'import', file, ...names], { cwd })).code).toBe(0)
    const run = await cryptoInside(['backtest', 'run', 'flat', '--json', '--trades', 't.csv'], {
      cwd,
    })
    const { warnings } = documentOf<object>(run)

    const lines = readFileSync(join(cwd, 't.csv'), 'utf8').trim().split('\n').slice(1)
    const trades = lines.map((line) => line.split(',')).map((cells) => [cells[2], cells[4]])
    expect(trades.length).toBeGreaterThan(5)
    expect(trades).toEqual(exactTrades(TICKS) as never)
    expect(warnings.map(({ message }) => message).join('\n')).toContain(
      'TINYUSDT 1m: 3 bars lie before the first judged one. Recursive indicators, such as an EMA or the RSI, want 13',
    )
  })
})
