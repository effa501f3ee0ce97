// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import { CONFIG_SCHEMAS, FILE_KEYS } from '../../../src/config/files.ts'
import { findSecrets } from '../../../src/config/index.ts'
import { areSecretFree } from '../../../src/config/secret-free.ts'
import { isSecretLike } from '../../../src/config/secret-names.ts'

const SECRET = 's3cr3t+canary-9Kd83mN'
const URL_WITH_PASSWORD = 'https://u:s3cr3t9@host'

function optionsFor(exchanges: string, env: Readonly<Record<string, string>> = {}) {
  const readFile = (path: string) => (path.endsWith('exchanges.yaml') ? exchanges : undefined)
  return { dir: 'config', env, readFile }
}

const entry = (line: string) => `exchanges:\n  b:\n    adapter: binance\n    ${line}\n`

describe('the text of a file tells that it holds no secret', () => {
  test('in the files that are shipped, unless a variable is set that may be one', () => {
    const dir = join(import.meta.dir, '../../../config')
    expect(areSecretFree({ dir, env: {} })).toBe(true)
    expect(areSecretFree({ dir, env: { DB_HOST: 'db.example.com', DATA_DRIVER: 'local' } })).toBe(
      true,
    )
    expect(areSecretFree({ dir, env: { DB_PASSWORD: SECRET } })).toBe(false)
    expect(areSecretFree({ dir, env: { SIM_URL: URL_WITH_PASSWORD } })).toBe(false)
  })

  test.each([
    'api_key: ${HMAC}',
    'api_secert: ${HMAC}',
    'api_key: "${OTHER}"',
    'api_key: longliteral',
    'api_key: ${OTHER:longliteral}',
    'api_key:',
    'api_key: |',
    'api_key: a b',
    'base_url: https://u:s3cr3t9@host',
    'base_url: ${URL}',
    'options: { pin: 1 }',
    'options:',
    'adapter: $HMAC',
    '- a',
    '# was ${HMAC}',
    `rate_limit: 1 # $HMAC`,
    `adapter: ${'a'.repeat(400)}`,
  ])('not in one with %s', (line) => {
    const env = { HMAC: SECRET, URL: URL_WITH_PASSWORD }
    expect(areSecretFree(optionsFor(entry(line), env))).toBe(false)
  })

  test('not in one that cannot be read', () => {
    const readFile = () => {
      throw new Error('away')
    }
    expect(areSecretFree({ dir: 'config', env: {}, readFile })).toBe(false)
  })

  test('and where it does, none is found by who reads it', () => {
    const key = fc.constantFrom(
      'api_key',
      'api_secert',
      'base_url',
      'adapter',
      'options',
      'x',
      'token',
    )
    const value = fc.constantFrom(
      '',
      'short',
      'longliteral',
      '${SET}',
      '${UNSET}',
      '${UNSET:short}',
      '${UNSET:longliteral}',
      '${URL}',
      '"${SET}"',
      '&a x',
      '*a',
      '[${SET}]',
      '{ a: ${SET} }',
      '|\n      longliteral',
      '\n      a: longliteral',
      'short\n      longliteral',
      '# ${SET}',
      'x # $SET',
      '$SET',
    )
    const env = { SET: SECRET, URL: URL_WITH_PASSWORD }
    let free = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 3 }), (pairs) => {
        const text = entry(pairs.map(([name, it]) => `${name}: ${it}`).join('\n    '))
        if (!areSecretFree(optionsFor(text, env))) return
        free++
        expect({ text, found: findSecrets(optionsFor(text, env)) }).toEqual({ text, found: [] })
      }),
      { numRuns: 2_000 },
    )
    expect(free).toBeGreaterThan(100)
  })

  test('a key that the schemas call a secret goes by the name of one', () => {
    const secretKeys = (schema: object): readonly string[] =>
      Object.entries(schema).flatMap(([key, child]) => {
        if (typeof child !== 'object' || child === null) return []
        return [
          ...((child as { writeOnly?: boolean }).writeOnly ? [key] : []),
          ...secretKeys(child),
        ]
      })
    const keys = FILE_KEYS.flatMap((key) => secretKeys(CONFIG_SCHEMAS[key]))
    expect(keys).toContain('api_passphrase')
    expect(keys.filter((key) => !isSecretLike(key))).toEqual([])
  })
})
