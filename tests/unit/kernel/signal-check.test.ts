import { describe, expect, test } from 'bun:test'
import * as b from '../../../src/indicators/index.ts'
import { CANDLE_SYMBOLS, type Condition, param } from '../../../src/kernel/expression.ts'
import { compileWith, programText, unusedParams } from '../../../src/kernel/program.ts'

const { close, high, low, volume } = CANDLE_SYMBOLS
const p = { fast: param('fast'), slow: param('slow') }

function compile(build: () => unknown) {
  return compileWith('odd', ['fast', 'slow'], build)
}

const exit = () => b.below(close, b.sma(close, p.slow))
const up = () => b.above(close, b.sma(close, p.fast))
const loud = () => b.above(volume, b.sma(volume, 20))
const atModuleLevel = b.above(close, 3)
let calls = 0

describe('signals', () => {
  test.each([
    [
      '&&',
      () => ({ enterLong: up() && loud(), exitLong: exit() }),
      'above(close, sma(close, fast))',
    ],
    [
      '||',
      () => ({ enterLong: up() || loud(), exitLong: exit() }),
      'above(close, sma(close, fast))',
    ],
    [
      'a ternary',
      () => ({ enterLong: up() ? loud() : exit(), exitLong: exit() }),
      'above(close, sma(close, fast))',
    ],
    [
      'if',
      () => {
        const x = up()
        if (x) return { enterLong: x, exitLong: exit() }
        return { enterLong: exit(), exitLong: x }
      },
      'asks whether',
    ],
    [
      '!',
      () => ({ enterLong: !up() && loud(), exitLong: exit() }),
      'above(close, sma(close, fast))',
    ],
    [
      '&& of what is used elsewhere',
      () => {
        const x = up()
        const y = loud()
        return { enterLong: x && y, exitLong: b.and(b.not(x), b.not(y)) }
      },
      'asks whether above(close, sma(close, fast))',
    ],
    [
      '|| of what is used elsewhere',
      () => {
        const x = up()
        const y = loud()
        return { enterLong: x || y, exitLong: b.and(b.not(x), b.not(y)) }
      },
      'asks whether above(close, sma(close, fast))',
    ],
    [
      '|| of series',
      () => ({ enterLong: b.above(b.sma(close, 3) || b.ema(close, 3), 1), exitLong: exit() }),
      'asks whether sma(close, 3)',
    ],
    [
      'an unused series',
      () => {
        b.ema(close, p.slow)
        return { enterLong: up(), exitLong: exit() }
      },
      'builds ema(close, slow) and does not use it',
    ],
    [
      'an unused channel',
      () => {
        b.donchian({ high, low }, 20)
        return { enterLong: up(), exitLong: exit() }
      },
      'lag(highest(high, 20), 1)',
    ],
    [
      'another graph in every call',
      () => ({ enterLong: b.above(close, calls++), exitLong: exit() }),
      'another graph',
    ],
  ] as [string, () => unknown, string][])('with %s are refused', (_, build, text) => {
    expect(() => compile(build)).toThrow(text)
    expect(() => compile(build)).toThrow(/and\(\)|counter/)
  })

  test.each([
    [
      'one band of three',
      () => ({
        enterLong: b.below(close, b.bollingerBands(close, { period: 20, deviations: 2 }).lower),
        exitLong: exit(),
      }),
    ],
    [
      'macd without its histogram',
      () => {
        const { macd, signal } = b.macd(close, { fast: 3, slow: 5, signal: 2 })
        return { enterLong: b.above(macd, signal), exitLong: exit() }
      },
    ],
    [
      'one side of a channel whose other side was built for it',
      () => {
        const { upper } = b.donchian({ high: b.ema(high, 3), low: b.ema(low, 3) }, 9)
        return { enterLong: b.above(close, upper), exitLong: exit() }
      },
    ],
    [
      'one output of an own builder',
      () => {
        const { a } = b.outputs(() => ({ a: b.sma(close, 3), c: b.sma(close, 4) }))
        return { enterLong: b.above(close, a), exitLong: exit() }
      },
    ],
    [
      'conditions that are joined one by one',
      () => {
        let all: Condition | undefined
        for (const next of [up(), b.above(close, p.fast), b.below(close, p.slow)])
          all = all ? b.and(all, next) : next
        return { enterLong: all, exitLong: exit() }
      },
    ],
    [
      'a condition that may be left out',
      () => {
        const also = (next?: Condition) => (next ? b.and(loud(), next) : loud())
        return { enterLong: also(up()), exitLong: b.not(also(exit())) }
      },
    ],
    [
      'conditions of which those that are there count',
      () => {
        const [first, ...rest] = [up(), undefined, exit()].filter(Boolean) as [Condition]
        return { enterLong: b.and(first, ...rest), exitLong: exit() }
      },
    ],
    [
      'nodes of the module',
      () => ({ enterLong: b.and(atModuleLevel, up()), exitLong: b.not(atModuleLevel) }),
    ],
  ] as [string, () => unknown][])('with %s are accepted', (_, build) => {
    expect(compile(build).params).toEqual(['fast', 'slow'])
  })

  test('of 40 doublings in every kind of node take no second, of 100,000 levels are refused', () => {
    const started = performance.now()
    const doubled = compile(() => {
      let [s, c, n] = [b.sma(close, p.fast), up(), b.scalar('add', p.slow, 0) as never]
      for (let i = 0; i < 40; i++) {
        s = b.add(s, s)
        c = b.and(c, c) as typeof c
        n = b.scalar('max', n, n) as never
      }
      return { enterLong: b.and(c, b.above(s, n)), exitLong: b.or(c, b.above(b.ema(close, n), 1)) }
    })
    expect(programText(doubled).length).toBeLessThan(10_000)
    const deep = () => {
      let s = close
      for (let i = 0; i < 100_000; i++) s = b.offset(s, 1)
      return { enterLong: b.above(s, 1), exitLong: exit() }
    }
    expect(() => compile(deep)).toThrow('more than 20000 nodes')
    expect(performance.now() - started).toBeLessThan(1_500)
  })

  test('that contain themselves are refused', () => {
    const loop: Record<string, unknown> = { kind: 'not' }
    loop.operand = loop
    expect(() => compile(() => ({ enterLong: loop, exitLong: exit() }))).toThrow('contains itself')
  })

  test('tell which parameters they do not use', () => {
    expect(unusedParams(compile(() => ({ enterLong: up(), exitLong: b.not(up()) })))).toEqual([
      'slow',
    ])
  })
})
