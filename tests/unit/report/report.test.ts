import { describe, expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import { envelopeSchema, envelopeText } from '../../../src/report/envelope.ts'
import { loadReports } from '../../../src/report/load-reports.ts'
import { PLAIN } from '../../../src/report/terminal/style.ts'
import { CASES } from './cases.ts'

const RUN = { engine: '0.1.0', ms: 412, id: '7f3a91c', config: 'sha256:ab', seed: 42 }

test('every report of a command stands here, each with a name of its own', async () => {
  const ids = (await loadReports()).map(({ id }) => id)
  expect(ids.toSorted()).toEqual([...new Set(CASES.map(({ report }) => report.id))].toSorted())
})

describe.each(CASES.map((one) => [one.name, one] as const))('the document of %s', (_name, one) => {
  const { report, json, warnings } = one
  const text = envelopeText({
    schema: report.id,
    ok: true,
    run: RUN,
    result: json(),
    warnings: warnings(),
  })
  const document = JSON.parse(text)

  test('validates against its schema', () => {
    expect(Value.Errors(envelopeSchema(report), document)).toEqual([])
  })

  test('is one line with the envelope in its order', () => {
    expect(text.indexOf('\n')).toBe(text.length - 1)
    expect(Object.keys(document)).toEqual(['schema', 'ok', 'run', 'result', 'warnings'])
  })

  test('has a schema that refuses a result without its fields', () => {
    expect(Value.Check(envelopeSchema(report), { ...document, result: {} })).toBe(false)
  })
})

/** The lines of a simulator are a document too: for a program, and never wrapped. */
const FOR_PEOPLE = CASES.filter(({ name }) => name !== 'sim')

describe.each(FOR_PEOPLE.map((one) => [one.name, one.lines] as const))(
  'the lines of %s',
  (_name, linesIn) => {
    test.each([80, 100, 140])('fit %p columns', (width) => {
      const lines = linesIn({ ...PLAIN, width })
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width)
    })

    test('are ASCII where the locale is not UTF-8', () => {
      expect(linesIn({ ...PLAIN, unicode: false }).join('\n')).toMatch(/^[\x20-\x7e\n]*$/)
    })

    test('say the same with and without colour', () => {
      const colored = linesIn({ ...PLAIN, color: true })
      expect(colored.map((line) => Bun.stripANSI(line))).toEqual([...linesIn(PLAIN)])
      expect(linesIn(PLAIN).join('')).not.toContain('\u001b')
    })
  },
)
