// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { describe, expect, test } from 'bun:test'
import { strictScalar, substitute } from '../../../src/config/substitute.ts'
import { load, problemsOf } from './support.ts'

describe('substitute', () => {
  test.each([
    ['${A}', { A: 'x' }, 'x'],
    ['${A:y}', {}, 'y'],
    ['${A:y}', { A: '' }, 'y'],
    ['${A:}', {}, ''],
    ['${A:http://h:1/p}', {}, 'http://h:1/p'],
    ['a-${A}-${B:c}', { A: '1' }, 'a-1-c'],
    ['$${A} ${A}', { A: '1' }, '${A} 1'],
    ['${A}', { A: '${B}', B: 'no' }, '${B}'],
    // A default of the shell, also a negative one (POSIX, Shell Command Language, 2.6.2).
    ['${A:-2}', {}, '2'],
    ['${A:-2}', { A: '' }, '2'],
    ['${A:-2}', { A: '3' }, '3'],
    ['${A:--2}', {}, '-2'],
    ['${A:-}', {}, ''],
    ['${A:-?x}', {}, '?x'],
    ['${A:-a:b}', {}, 'a:b'],
    // Written for a literal dollar.
    ['$$HOME and $${HOME}', {}, '$HOME and ${HOME}'],
    // No references.
    ['$5 or US$ 5, $1,000.50', {}, '$5 or US$ 5, $1,000.50'],
    ['^[A-Z]+$', {}, '^[A-Z]+$'],
    ['(foo$|bar)[$_A-Z]', {}, '(foo$|bar)[$_A-Z]'],
    ['C:\\$Recycle.Bin', {}, 'C:\\$Recycle.Bin'],
    ['C:\\$RECYCLE.BIN', {}, 'C:\\$RECYCLE.BIN'],
    ['\\\\server\\C$\\x', {}, '\\\\server\\C$\\x'],
    ['pa$$word Tr4de$Bot#9', {}, 'pa$$word Tr4de$Bot#9'],
    ['${A:pa$$word}', {}, 'pa$$word'],
  ])('reads %s with %p as %s', (raw, env, text) => {
    expect(substitute(raw, env)).toMatchObject({ text, unset: [], fault: undefined })
  })

  test.each([
    ['${}', '${NAME}'],
    ['${1A}', '${NAME}'],
    ['${ A }', '${NAME}'],
    ['${#A}', '${NAME}'],
    ['${!A}', '${NAME}'],
    ['${A', 'no closing brace'],
    ['x ${A b', 'no closing brace'],
    ['${A-B}', '${A:-default}'],
    ['${A:?must be set}', 'write ${A}'],
    ['${A?must be set}', 'write ${A}'],
    ['${A:+B}', '${A:default}'],
    ['${A+B}', '${A:default}'],
    ['${A:=B}', '${A:default}'],
    ['${A=B}', '${A:default}'],
    ['${A%.*}', 'write ${A}'],
    ['${A##*/}', 'write ${A}'],
    ['${A/a/b}', 'write ${A}'],
    ['${A^^}', 'write ${A}'],
    ['${A[0]}', 'write ${A}'],
    ['${A:0:5}', 'write ${A}'],
    ['${A: -5}', 'write ${A}'],
    ['${A:-${B}}', 'no other one'],
    ['${A:${B:x}}', 'no other one'],
    ['${A:{b}}', 'no brace'],
    ['${A:$HOME/x}', 'no other reference'],
    ['$A', 'write ${A}'],
    ['$HOME/data', 'write ${HOME}, or $$HOME'],
    ['db-$host', 'write ${host}'],
    ['$db_host', 'write ${db_host}'],
  ])('refuses %s with what to write', (raw, remedy) => {
    expect(substitute(raw, { A: 'x' }).fault).toContain(remedy)
  })

  test('does not take inherited properties for variables', () => {
    expect(substitute('${constructor}', {}).unset).toEqual(['constructor'])
  })
})

test.each([
  ['5432', 5432],
  ['-1.5e-3', -0.0015],
  ['true', true],
  ['', ''],
  [' 5', ' 5'],
  ['05', '05'],
  ['0x10', '0x10'],
  ['5.7.1', '5.7.1'],
  ['1_000', '1_000'],
  ['.5', '.5'],
  ['yes', 'yes'],
])('reads the scalar %p strictly', (text, value) => {
  expect(strictScalar(text)).toBe(value)
})

describe('references in a file', () => {
  const settings = (text: string, env = {}) => load({ settings: text }, env).settings

  test('a whole reference becomes a number where the schema wants one, quoted or not', () => {
    expect(settings('database: { port: "${P:1234}" }').database.port).toBe(1234)
    expect(settings('database:\n  port: ${P}', { P: '99' }).database.port).toBe(99)
  })

  test('a whole reference stays text where the schema wants text', () => {
    expect(settings('database:\n  user: ${U}', { U: '007' }).database.user).toBe('007')
    expect(settings('database:\n  password: ${U}', { U: '123' }).database.password?.reveal()).toBe(
      '123',
    )
  })

  test('a reference works in ratios, booleans, enums, dates and lists', () => {
    const config = load(
      {
        settings: 'trading:\n  default_commission: ${C}\nlogging:\n  level: ${L}',
        exchanges: 'exchanges:\n  binance:\n    adapter: binance\n    testnet: ${T}',
        strategies:
          'strategies:\n  s:\n    type: sma_crossover\n    symbols: ["${S}"]\n    interval: ${I:1h}',
        backtests: 'backtests:\n  b:\n    strategies: [s]\n    start: ${D}\n    end: 2025-01-01',
      },
      { C: '0.2%', L: 'DEBUG', T: 'false', S: 'ETHUSDT', D: '2024-05-01' },
    )
    expect(config.settings.trading.default_commission).toBe(0.002)
    expect(config.settings.logging.level).toBe('DEBUG')
    expect(config.exchanges.binance?.testnet).toBe(false)
    expect(config.strategies.s?.symbols).toEqual(['ETHUSDT'])
    expect(config.backtests.b?.start).toBe('2024-05-01')
  })

  test('a mixture is text and so no number', () => {
    expect(problemsOf({ settings: 'database:\n  port: 1${P:2}' })[0]).toContain('CONFIG_TYPE')
  })

  test('names the variable that a wrong value came from', () => {
    expect(problemsOf({ settings: 'database:\n  port: ${P}' }, { P: '5.7' })).toEqual([
      'settings:2:9 CONFIG_TYPE database.port: must be an integer from 1 to 65535, was 5.7 (from P).',
    ])
    expect(problemsOf({ settings: 'database:\n  port: ${P:}' })[0]).toContain("was ''")
  })

  test('an unset variable without default is an error, once', () => {
    expect(problemsOf({ settings: 'database:\n  port: ${P}' }, { P: '' })).toEqual([
      'settings:2:9 CONFIG_VARIABLE database.port: environment variable P is not set and has no default. Set it, or write ${P:default}.',
    ])
  })

  test('a malformed reference is placed', () => {
    expect(problemsOf({ settings: 'database:\n  host: ${1X}' })[0]).toStartWith(
      'settings:2:9 CONFIG_SUBSTITUTION',
    )
  })

  test('a negative default is a number', () => {
    const params =
      'strategies:\n  s: { type: roc_momentum, symbols: [BTCUSDT], interval: 1h, params: { entry: "${E:--2}", exit: "${F:-2}" } }'
    expect(load({ strategies: params }).strategies.s?.params).toMatchObject({ entry: -2, exit: 2 })
  })

  test('a dollar in a password of the file is not repeated', () => {
    const [problem = ''] = problemsOf({ settings: 'database:\n  password: s3cret$CANARY' })
    expect(problem).toStartWith('settings:2:13 CONFIG_SUBSTITUTION database.password: write $$')
    expect(problem).not.toContain('CANARY')
  })

  test('keys are never substituted', () => {
    expect(problemsOf({ settings: '"${K}": 1' }, { K: 'results' })[0]).toContain('unknown key')
  })
})
