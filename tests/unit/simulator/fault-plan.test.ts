import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../../src/core/errors.ts'
import { faultsOf, type PlanProblem, parseFaultPlan } from '../../../src/simulator/faults/plan.ts'
import { FAULTS } from '../../../src/simulator/faults/schema.ts'

function problemsOf(text: string): readonly string[] {
  try {
    parseFaultPlan(text, 'plan.yaml')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    expect(error.code).toBe('FAULTS_INVALID')
    const problems = error.context.problems as readonly PlanProblem[]
    return problems.map(({ line, col, message }) => `${line}:${col} ${message}`)
  }
  throw new Error('expected problems')
}

describe('a fault plan', () => {
  test('is read with its defaults and its times', () => {
    const text = [
      'faults:',
      '  - { kind: latency, max_ms: 50 }',
      '  - kind: holes',
      '    from: 2024-03-01',
      '    to: 2024-03-01T06:00:00Z',
      '    symbols: [BTCUSDT]',
    ].join('\n')
    const plan = parseFaultPlan(text, 'plan.yaml')
    expect(plan.faults).toEqual([
      {
        kind: 'latency',
        min_ms: 0,
        max_ms: 50,
        probability: 1,
        index: 0,
        fromMs: Number.NEGATIVE_INFINITY,
        toMs: Number.POSITIVE_INFINITY,
      },
      {
        kind: 'holes',
        probability: 1,
        symbols: ['BTCUSDT'],
        from: '2024-03-01',
        to: '2024-03-01T06:00:00Z',
        index: 1,
        fromMs: Date.UTC(2024, 2, 1),
        toMs: Date.UTC(2024, 2, 1, 6),
      },
    ])
    expect(faultsOf(plan, 'holes').map(({ index }) => index)).toEqual([1])
  })

  test('may be JSON, and may be empty', () => {
    expect(parseFaultPlan('{"faults": [{"kind": "reset"}]}', 'plan.json').faults).toHaveLength(1)
    expect(parseFaultPlan('faults: []', 'plan.yaml').faults).toEqual([])
  })

  test.each([
    ['faults: *k8', '1:9', 'k8'],
    ['x: &a [b]\nfaults: *k8', '2:9', 'k8'],
    ['faults: &a [*a]', '1:13', 'a'],
    ['faults:\n - {kind: reset, endpoints: &e [*e]}', '2:33', 'e'],
    ['faults:\n - {kind: reset, <<: *z}', '2:22', 'z'],
    ['*z : 1', '1:1', 'z'],
  ])('refuses an alias that stands for nothing, or for itself: %j', (text, place, name) => {
    expect(problemsOf(text)).toEqual([
      `${place} the alias '*${name}' stands for no value above it.`,
    ])
  })

  test('repeats an entry by its alias', () => {
    const text = 'faults:\n - &a { kind: reset }\n - *a\n - { <<: *a, probability: 0.5 }'
    const { faults } = parseFaultPlan(text, 'plan.yaml')
    expect(faults.map(({ kind, probability }) => [kind, probability])).toEqual([
      ['reset', 1],
      ['reset', 1],
      ['reset', 0.5],
    ])
  })

  test('answers at once however many aliases there are', () => {
    const started = performance.now()
    expect(problemsOf(`faults:\n  - &a { kind: x }\n  - [${'*a,'.repeat(40_000)}]\n`)).toHaveLength(
      1,
    )
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('refuses aliases that multiply', () => {
    const doubled = 'abcdefgh'
      .split('')
      .map((c, i) => ` - &${c}x [${`*${i ? 'abcdefgh'[i - 1] : 'y'}x,`.repeat(10)}]`)
    expect(problemsOf(['faults:', ' - &yx [x]', ...doubled].join('\n'))).toEqual([
      expect.stringContaining('Excessive alias count'),
    ])
  })

  test.each([
    ['brackets', `faults: ${'['.repeat(100_000)}`, '1:73 nested more than 64'],
    ['a NUL', 'faults: []\n# \0', '2:3 a NUL'],
    ['wrong entries', `faults:\n${' - { kind: x }\n'.repeat(10_000)}`, 'kind must be one of'],
  ])('of too much is answered soon: %s', (_, text, words) => {
    const started = performance.now()
    const problems = problemsOf(text)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(problems[0]).toContain(words)
    expect(problems.length).toBeLessThanOrEqual(100)
  })

  test('tells all its problems at once, each with its place', () => {
    const text = [
      'faults:',
      '  - { kind: resett }',
      '  - { kind: reset, probability: 1.5, at: in_bodi }',
      '  - { kind: latency }',
      '  - { kind: truncated, endpoint: [klines] }',
      '  - { kind: stalled, endpoints: [kline] }',
      '  - { kind: holes, from: 2024-02-30, max_times: 1 }',
      '  - { kind: missing_rows, rows: 0, intervals: [] }',
      '  - { kind: latency, min_ms: 5, max_ms: 4 }',
      '  - { kind: socket_drop, from: 2024-02-02, to: 2024-02-01 }',
      '  - latency',
    ].join('\n')
    const problems = problemsOf(text)
    const expected = [
      [
        2,
        'faults.0.kind: kind must be one of latency, reset',
        "found 'resett'. Did you mean 'reset'?",
      ],
      [3, 'faults.1.probability: must be a number from 0 to 1, found 1.5.'],
      [3, 'faults.1.at: must be before_reply or in_body', "Did you mean 'in_body'?"],
      [4, 'faults.2: max_ms is missing.'],
      [
        5,
        "faults.3.endpoint: a fault of kind truncated has no such key. Did you mean 'endpoints'?",
      ],
      [6, 'faults.4.endpoints.0: must be ping or time or', "Did you mean 'klines'?"],
      [7, 'faults.5.from: must be a UTC date or time', 'found "2024-02-30"'],
      [7, 'faults.5.max_times: a fault of kind holes has no such key. Known: kind,'],
      [8, 'faults.6.rows: must be a whole number of at least 1, found 0.'],
      [8, 'faults.6.intervals: must be a list with at least one entry, found [].'],
      [9, 'faults.7.min_ms: must not be above max_ms, which is 4.'],
      [10, 'faults.8.from: must be before to, which is 2024-02-01.'],
      [11, 'faults.9: kind must be one of', 'found nothing.'],
    ] as const
    for (const [line, ...words] of expected) {
      const found = problems.find(
        (problem) =>
          problem.startsWith(`${line}:`) && words.every((word) => problem.includes(word)),
      )
      expect(found, `${line} ${words[0]} among\n${problems.join('\n')}`).toBeDefined()
    }
    expect(problems).toHaveLength(expected.length)
  })

  test.each([
    ['faults: [', "a '[' above is not closed"],
    ['fault: []', "must have one key, 'faults'"],
    ['faults: []\nseed: 1', "must have one key, 'faults'"],
    ['faults: reset', "must have one key, 'faults'"],
    ['', "must have one key, 'faults'"],
  ])('%j is none', (text, words) => {
    expect(problemsOf(text).join()).toContain(words)
  })
})

describe('docs/simulator.md', () => {
  const page = readFileSync(join(import.meta.dir, '../../../docs/simulator.md'), 'utf8')

  test.each(Object.entries(FAULTS))('describes the fields of %s', (kind, schema) => {
    const section = new RegExp(`^### \`${kind}\`$(.*?)(?=^##)`, 'ms').exec(page)?.[1] ?? ''
    const rows = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name as string)
    const groups = [...section.matchAll(/^Also: (.*)$/gm)].flatMap(([, list]) =>
      [...(list as string).matchAll(/`(\w+)`/g)].map(([, name]) => name as string),
    )
    const documented = ['kind', ...rows, ...groups].sort()
    expect(documented).toEqual(Object.keys(schema.properties).sort())
  })
})
