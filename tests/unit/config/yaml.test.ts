// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { describe, expect, test } from 'bun:test'
import { problemsOf, sweepWith, validate } from './support.ts'

describe('YAML', () => {
  test('a syntax error is placed and keeps the other files checked', () => {
    const found = problemsOf({ settings: 'database: [1\nlogging: {}\n', exchanges: 'exchange: {}' })
    expect(found).toHaveLength(2)
    expect(found[0]).toStartWith("exchanges:1:1 CONFIG_UNKNOWN_KEY unknown key 'exchange'")
    expect(found[1]).toStartWith('settings:2:1 CONFIG_SYNTAX')
  })

  test('names of a file that does not parse are not called unknown', () => {
    const backtests = 'backtests: { a: { strategies: [s], start: 2024-01-01, end: 2024-02-01 } }'
    expect(problemsOf({ strategies: 'strategies: [', backtests })).toHaveLength(1)
    expect(problemsOf({ backtests })[0]).toContain("strategy 's' is not known")
  })

  test('an unquoted reference inside braces gets the remedy', () => {
    const [found] = problemsOf({ settings: 'database: { host: ${DB_HOST:localhost} }' })
    expect(found).toContain('Quote a ${NAME}')
  })

  test('aliases and merge keys are followed, own keys win', () => {
    const { config, problems } = validate({
      strategies: `strategies:
  a: &base
    type: sma_crossover
    params: { fast_period: 5 }
    symbols: [BTCUSDT]
    interval: 1h
  b:
    <<: *base
    interval: 4h
`,
    })
    expect(problems).toEqual([])
    expect(config?.strategies.b).toEqual({
      type: 'sma_crossover',
      params: { fast_period: 5, slow_period: 30 },
      symbols: ['BTCUSDT'],
      interval: '4h',
    })
  })

  test.each([
    [
      'database: *nope',
      "settings:1:11 CONFIG_SYNTAX this '*' names no anchor above it; text that starts with it needs quotes.",
    ],
    [
      'database: &a\n  <<: *a',
      "settings:2:3 CONFIG_SYNTAX '<<' must name another map, or a list of maps.",
    ],
    [
      'database: &a\n  <<: { <<: *a }',
      "settings:2:9 CONFIG_SYNTAX '<<' must name another map, or a list of maps.",
    ],
    [
      'database:\n  <<: 5',
      "settings:2:3 CONFIG_SYNTAX '<<' must name another map, or a list of maps.",
    ],
    [
      'results: a\n---\nresults: b',
      "settings:2:1 CONFIG_SYNTAX a file holds one document: remove this '---'.",
    ],
    [
      'results: !foo a',
      "settings:1:10 CONFIG_SYNTAX not valid YAML: a text that begins with '!' needs quotes.",
    ],
    [
      '\tresults: a',
      'settings:1:1 CONFIG_SYNTAX not valid YAML: a tab stands where a line is indented. Indent with blanks.',
    ],
  ])('refuses %p', (settings, expected) => {
    expect(problemsOf({ settings })).toEqual([expected])
  })

  test.each([
    ['no colon', 'data:\n  lake data/lake\n  sample: b', '2:3', "a ':' with a blank behind it"],
    ['no blank behind a colon', 'results:x\ndata: {}', '1:1', "a ':' with a blank behind it"],
    ['a key alone', 'results: x\ndata', '2:1', "a ':' with a blank behind it"],
    ['two colons', 'results: a: b', '1:10', "a second ':'"],
    [
      'a line too deep',
      'data:\n  lake: a\n   sample: b',
      '2:9',
      'the line below is indented deeper',
    ],
    ['a line not deep enough', 'data:\n  lake: a\n sample: b', '3:1', 'not in line'],
    ['a tab', 'data:\n\tlake: a', '2:1', 'a tab stands'],
    ['an open bracket', 'results: [a, b\ndata: {}', '2:1', "a '[' above is not closed"],
    ['an open bracket at the end', 'results: [a, b', '1:15', "a '[' above is not closed"],
    ['an open brace', 'data: { lake: a\nresults: b', '2:1', "a '{' above is not closed"],
    ['an open brace at the end', 'data: { lake: a', '1:16', "a '{' above is not closed"],
    ['a bracket too many', 'results: [a]]', '1:13', 'closes nothing'],
    ['an open quote', 'results: "a', '1:12', 'quotes is not closed'],
    ['an unknown escape', 'results: "C:\\dir"', '1:13', 'the backslash'],
    ['a percent sign', 'results: %b', '1:10', 'needs quotes'],
    ['an at sign', 'results: @b', '1:10', 'needs quotes'],
    ['a list beside its key', 'results: - b', '1:10', 'below its key'],
    ['a missing comma', 'data: { lake: a sample: b }', '1:15', 'a comma is missing'],
    ['text behind quotes', 'results: "a"b', '1:13', 'behind the end of a value'],
    ['an anchor without a name', 'results: &', '1:10', "'&' gives a name"],
  ])('says in plain words what is wrong: %s', (_, settings, place, words) => {
    const [first] = problemsOf({ settings })
    expect(first).toStartWith(`settings:${place} CONFIG_SYNTAX`)
    expect(first).toContain(words)
  })

  test('the first map of a merged list wins', () => {
    const settings = 'database:\n  <<: [{ host: a }, { host: b, port: 5 }]\n'
    expect(validate({ settings }).config?.settings.database).toMatchObject({ host: 'a', port: 5 })
  })

  test('a key of another file is sent there', () => {
    expect(problemsOf({ strategies: 'backtests: {}' })).toEqual([
      "strategies:1:1 CONFIG_UNKNOWN_KEY unknown key 'backtests'. It belongs in backtests.yaml.",
    ])
  })

  test('an empty file and an empty section are read as their defaults', () => {
    const { config, problems } = validate({
      settings: '',
      strategies: 'strategies:\n  # none yet\n',
    })
    expect(problems).toEqual([])
    expect(config?.strategies).toEqual({})
    expect(config?.settings.database.port).toBe(5432)
  })

  test('a key without a value is an error where a value is needed', () => {
    expect(problemsOf({ settings: 'database:\n  port:\n' })).toEqual([
      'settings:2:3 CONFIG_MISSING database.port: must be an integer from 1 to 65535, found nothing.',
    ])
  })

  test('a list at the top is refused', () => {
    expect(problemsOf({ settings: '- a\n' })[0]).toStartWith('settings:1:1 CONFIG_TYPE')
  })

  test('CRLF line ends do not move places', () => {
    expect(problemsOf({ settings: 'logging:\r\n  level: INF\r\n' })[0]).toStartWith('settings:2:10')
  })

  test('names that could not be a folder are refused', () => {
    const [found] = problemsOf({ exchanges: 'exchanges: { "../x": { adapter: binance } }' })
    expect(found).toContain("'../x' must be a name of letters, digits")
  })

  test('names of built-in object properties are unknown like any other', () => {
    const found = problemsOf(sweepWith('params: { constructor: [1] }\nexchange: toString\n'))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain("parameter 'constructor' of sma_crossover is not known")
  })
})
