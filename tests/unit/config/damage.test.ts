// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { FILE_KEYS } from '../../../src/config/files.ts'
import { renderProblems } from '../../../src/config/index.ts'
import { type Files, validate } from './support.ts'

/** Generous: the machine may be busy with other tests. */
const TIMEOUT_MS = 30_000
const SECRET = 'Zx81keyQwerty'
const shipped: Files = Object.fromEntries(
  FILE_KEYS.map((key) => [key, readFileSync(`config/${key}.yaml`, 'utf8')]),
)

const damage = fc.record({
  key: fc.constantFrom(...FILE_KEYS),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.integer({ min: 0, max: 12 }),
  added: fc.constantFrom(
    ...[
      '',
      ' ',
      '\n',
      '\t',
      ':',
      ': ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '#',
      '&a ',
      '*a',
      '<<: *a',
    ],
    ...[
      '${',
      '${X}',
      '!',
      '|',
      '>',
      '?',
      '0',
      '-1',
      '.nan',
      'null',
      'é',
      '\u0000',
      '---\n',
      '__proto__: 1\n',
    ],
  ),
})

test(
  'prop_ damaged files give placed problems, never another exception',
  () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const files = { ...shipped }
        for (const { key, at, removed, added } of damages) {
          const text = files[key] ?? ''
          const offset = Math.floor(at * text.length)
          files[key] = text.slice(0, offset) + added + text.slice(offset + removed)
        }
        const { problems, config } = validate(files)
        expect(config === undefined).toBe(problems.some((p) => p.severity === 'error'))
        for (const { file, line, col, frame } of problems) {
          const lines = (files[file.replace(/^config\/|\.yaml$/g, '')] ?? '').split(/\r?\n/)
          expect(line).toBeLessThanOrEqual(lines.length)
          expect(col).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
          expect(frame).toBeDefined()
        }
      }),
      { numRuns: 80 },
    )
  },
  TIMEOUT_MS,
)

test(
  'prop_ a secret is not shown, whatever else is wrong around it',
  () => {
    const quoted = fc.constantFrom(SECRET, `"${SECRET}"`, `'${SECRET}'`, `"${SECRET}`, `{${SECRET}`)
    const before = fc.constantFrom('', '{ ', '{ adapter: [, ', '- ', '? ', 'x: { ')
    const after = fc.constantFrom('', ' }', ', adaptr: 1 }', ' # mine', ': 1', ' ${', ']')
    const name = fc.constantFrom('api_key', 'api_secret', 'password', '"api_key"', 'API_KEY')
    fc.assert(
      fc.property(quoted, before, after, name, (value, head, tail, key) => {
        const exchanges = `exchanges:\n  b:\n    adapter: [binance\n    ${head}${key}: ${value}${tail}\n`
        const repaired = exchanges.replace('[', '')
        for (const text of [exchanges, repaired]) {
          const { problems } = validate({ exchanges: text })
          expect(renderProblems(problems) + JSON.stringify(problems)).not.toContain(SECRET)
        }
      }),
      { numRuns: 300 },
    )
  },
  TIMEOUT_MS,
)
