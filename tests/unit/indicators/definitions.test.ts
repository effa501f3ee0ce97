import { describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { CANDLE_COLUMNS } from '../../../src/core/candles.ts'
import { Registry } from '../../../src/core/registry.ts'
import type { IndicatorDefinition } from '../../../src/indicators/definition.ts'
import { CANDLE_SYMBOLS, type Series } from '../../../src/kernel/expression.ts'
import {
  findMissingCitations,
  generatedPart,
  markdownTable,
  paramTable,
  readPage,
} from './documentation.ts'
import { testKernel, walk } from './kernel.ts'

const FOLDER = join(import.meta.dir, '../../../src/indicators')

/** All definitions, found as the registry's generator finds them: every file that exports `definitions`. */
async function loadDefinitions(): Promise<readonly IndicatorDefinition[]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'))
  const modules = await Promise.all(files.map((file) => import(join(FOLDER, file))))
  return modules.flatMap((module) => module.definitions ?? [])
}

const definitions = await loadDefinitions()

/** Bars before the first defined value of each output, as the pages state them. */
const WARMUP: Readonly<Record<string, (p: Readonly<Record<string, number>>) => readonly number[]>> =
  {
    sma: (p) => [p.period! - 1],
    ema: (p) => [p.period! - 1],
    wma: (p) => [p.period! - 1],
    wilder: (p) => [p.period! - 1],
    rsi: (p) => [p.period!],
    rate_of_change: (p) => [p.period!],
    macd: (p) => {
      const line = Math.max(p.fast_period!, p.slow_period!) - 1
      return [line, line + p.signal_period! - 1, line + p.signal_period! - 1]
    },
    std_dev: (p) => [p.period! - 1],
    z_score: (p) => [p.period! - 1],
    true_range: () => [1],
    atr: (p) => [p.period!],
    bollinger_bands: (p) => [p.period! - 1, p.period! - 1, p.period! - 1],
    highest: (p) => [p.period! - 1],
    lowest: (p) => [p.period! - 1],
    donchian: (p) => [p.period!, p.period!, p.period!],
    lag: (p) => [p.period!],
    add: () => [0],
    subtract: () => [0],
    multiply: () => [0],
    divide: () => [0],
    scale: () => [0],
    offset: () => [0],
  }

function inputsOf(definition: IndicatorDefinition): Readonly<Record<string, Series>> {
  const isColumn = (name: string): name is keyof typeof CANDLE_SYMBOLS =>
    CANDLE_COLUMNS.includes(name as never)
  return Object.fromEntries(
    definition.inputs.map((name) => [name, CANDLE_SYMBOLS[isColumn(name) ? name : 'close']]),
  )
}

const defaultsOf = (definition: IndicatorDefinition) =>
  Value.Default(definition.params, {}) as Record<string, number>

/** The outputs as columns, main one first. */
function evaluate(definition: IndicatorDefinition, params: Record<string, number>, bars: number) {
  const outputs = definition.build(inputsOf(definition), params)
  const series = definition.outputs.map((name) => outputs[name]!)
  return testKernel().evaluate(walk(bars), series)
}

const bitsOf = (values: Float64Array) => [...new BigUint64Array(values.buffer)]

test('names are unique, and the documented ones are the registered ones', () => {
  const registry = new Registry<IndicatorDefinition>('indicator')
  for (const definition of definitions) registry.register(definition)
  expect(registry.names()).toEqual(Object.keys(WARMUP).sort())
})

test('the overview lists every indicator', () => {
  const sorted = [...definitions].sort((a, b) => (a.name < b.name ? -1 : 1))
  const rows = sorted.map(({ name, category, inputs, outputs, description }) => [
    `[${name}](${name}.md)`,
    category,
    inputs.join(', '),
    outputs.join(', '),
    description,
  ])
  const list = markdownTable(['name', 'category', 'inputs', 'outputs', 'meaning'], rows)
  expect(generatedPart('indicators/README.md', 'list', list)).toBe(list)
})

test('a citation of a file that does not exist is found', () => {
  const page =
    '`tests/unit/none.test.ts`, `none.csv` of Lean, but `tests/setup.ts`, `sma.csv` and `a / b`'
  expect(findMissingCitations(page)).toEqual(['tests/unit/none.test.ts', 'none.csv'])
})

describe.each(definitions.map((definition) => [definition.name, definition] as const))(
  '%s',
  (name, definition) => {
    test('has a snake_case name, a sentence as description and parameters with units', () => {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(definition.description).toMatch(/^[A-Z].*\.$/)
      for (const param of Object.values(definition.params.properties)) {
        expect(param).toHaveProperty('default')
        expect(param).toHaveProperty('description')
      }
      expect(Value.Check(definition.params, defaultsOf(definition))).toBe(true)
    })

    test('builds exactly the outputs it names', () => {
      const outputs = definition.build(inputsOf(definition), defaultsOf(definition))
      expect(Object.keys(outputs).sort()).toEqual([...definition.outputs].sort())
    })

    test('is first defined on the bar that its page states', () => {
      const defaults = defaultsOf(definition)
      const short = Object.fromEntries(
        Object.entries(defaults).map(([key, value]) => [
          key,
          key.endsWith('period') ? Math.ceil(value / 3) + 1 : value,
        ]),
      )
      for (const params of [defaults, short]) {
        const first = evaluate(definition, params, 120).map((values) =>
          values.findIndex((value) => !Number.isNaN(value)),
        )
        expect(first).toEqual([...WARMUP[name]!(params)])
      }
    })

    test('does not depend on later bars', () => {
      const params = defaultsOf(definition)
      const whole = evaluate(definition, params, 120)
      for (const bars of [40, 77, 119]) {
        const cut = evaluate(definition, params, bars)
        expect(cut.map(bitsOf)).toEqual(whole.map((values) => bitsOf(values.slice(0, bars))))
      }
    })

    test('has a page with its parameters', () => {
      const page = `indicators/${name}.md`
      expect(readPage(page)).toStartWith(`# ${name}: `)
      const table = paramTable(definition.params)
      expect(generatedPart(page, 'parameters', table)).toBe(table)
    })

    test('has a page that cites only tests and oracles that exist', () => {
      expect(findMissingCitations(readPage(`indicators/${name}.md`))).toEqual([])
    })
  },
)
