// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  configWithOrigins,
  findSecrets,
  redactedConfig,
  renderProblems,
} from '../../../src/config/index.ts'
import { type Files, load, optionsFor, validate } from './support.ts'

const KEY = 'Zx81keyQwerty'
const EXCHANGES = `exchanges:
  binance:
    adapter: binance
    api_key: \${MY_KEY}
    api_secret: "\${MY_SECRET}"
  bare:
    adapter: binance
`

const codeOf = (run: () => unknown) => {
  try {
    run()
    return 'no error'
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`
  }
}

describe('a secret without a value', () => {
  const keyOf = (env: Record<string, string>) =>
    load({ exchanges: EXCHANGES }, env).exchanges.binance?.api_key

  test('is no error until it is used, and names its variable and its place then', () => {
    const message = codeOf(() => keyOf({})?.reveal())
    expect(message).toStartWith('CONFIG_SECRET_UNSET config/exchanges.yaml:4:14  ')
    expect(message).toContain('environment variable MY_KEY is not set')
    expect(codeOf(() => keyOf({ MY_KEY: '' })?.reveal())).toBe(message)
  })

  test('is revealed where the environment holds it', () => {
    expect(keyOf({ MY_KEY: KEY })?.reveal()).toBe(KEY)
  })
})

describe('a secret in the file', () => {
  test.each([
    ['api_key: Zx81keyQwerty'],
    ['api_key: "Zx81key, }Qwerty" # mine'],
    ['api_key: ${MY_KEY:Zx81keyQwerty}'],
    ['api_key: prefix-${MY_KEY}-Zx81keyQwerty'],
    ['{ apiKey: Zx81keyQwerty, adapter: 5 }'],
    ["{ api_key: 'Zx81keyQwerty', adaptr: 5 }"],
    ['api_key: Zx81key{,Qwerty'],
  ])('is refused and never shown: %s', (line) => {
    const isFlow = line.startsWith('{')
    const body = isFlow ? ` ${line}\n` : `\n    adapter: binance\n    ${line}\n`
    const { problems } = validate({ exchanges: `exchanges:\n  b:${body}` })
    expect(problems.length).toBeGreaterThan(0)
    const shown = renderProblems(problems) + JSON.stringify(problems)
    expect(shown).not.toContain('Zx81key')
    expect(shown).not.toContain('Qwerty')
  })

  test('is not repeated by the advice to quote a password of digits', () => {
    const { problems } = validate({ settings: 'database: { password: 987654321 }' })
    expect(problems[0]?.hint).toBe('Quote it.')
    expect(JSON.stringify(problems)).not.toContain('987654321')
  })

  test('is masked in the frame of a file that does not parse', () => {
    const { problems } = validate({ settings: `database: { password: ${KEY}, host: [ }\n` })
    expect(renderProblems(problems)).not.toContain(KEY)
    expect(problems[0]?.code).toBe('CONFIG_SYNTAX')
  })

  test('the mark stays under the fault when the line before it is masked', () => {
    const { problems } = validate({ settings: `database: { password: "${KEY}", port: 0 }` })
    const [, line = '', mark = ''] = renderProblems(problems).split('\n')
    expect(line).toContain('password: ***, port: 0')
    expect(line[mark.indexOf('^')]).toBe('0')
    expect(problems[0]?.col).toBe(46)
  })

  test('a place holder without default is shown: it is no secret', () => {
    const { problems } = validate({ exchanges: 'exchanges:\n  b: { adapter: 5, api_key: "${K}" }' })
    expect(renderProblems(problems)).toContain('api_key: "${K}"')
  })
})

describe('a code frame', () => {
  const LEAK = 'LEAKPW12345'
  const shownOf = (files: Files, env = {}) => {
    const { problems } = validate(files, env)
    expect(problems.length).toBeGreaterThan(0)
    return renderProblems(problems) + JSON.stringify(problems)
  }
  const block = (lines: string) => `exchanges:\n  b:\n    adapter: binance\n    ${lines}\n`

  test.each([
    ['a value on the next line', block(`api_key:\n      ${LEAK}`)],
    ['a value of several lines', block(`api_key: >-\n      a\n      ${LEAK}`)],
    ['a quoted key', `exchanges:\n  b: { adapter: binance, "api_key":\n    ${LEAK} }\n`],
    ['an explicit key', block(`? api_key\n    : ${LEAK}`)],
    ['an anchor', `k: &k ${LEAK}\n${block('api_key: *k')}`],
    ['a list', block(`api_key: [${LEAK}, x]`)],
    ['a tag', block(`api_key: !!str ${LEAK}`)],
    ['a second value', block(`api_key: "\${K}"\n    api_key: ${LEAK}`)],
    ['a blank that is missing', `exchanges: { b: { adapter: binance, api_key:${LEAK} } }`],
    ['what looks like a key', block(`api_key:\n      ${LEAK}: x: y`)],
    ['a map that is a key', block(`? api_key: {${LEAK}, adaptr: 1 }`)],
    ['what looks like an alias', block(`api_key: *${LEAK}`)],
    ['what looks like an anchor', block(`api_key: &${LEAK}`)],
    ['what looks like a tag', block(`api_key: !${LEAK} x`)],
    ['what looks like a block of lines', block(`api_key: |${LEAK}`)],
    ['what nothing leads up to', `exchanges: { b: { adapter: binance } }\n${LEAK}\n`],
    ['a comment', block(`rate_limit: 0 # was ${LEAK}`)],
    ['a value in place of a map', `exchanges:\n  b: ${LEAK}\n`],
    ...['api_secert', 'api_keys', 'secret_key', 'passwd', 'private_key', 'key', 'x'].flatMap(
      (key) => [
        [key, block(`${key}: ${LEAK}`)],
        [`${key} of two lines`, block(`${key}:\n      ${LEAK}`)],
        [`${key} of a list`, block(`${key}:\n      - { ${LEAK}: 1 }`)],
        [`${key} beside another fault`, `exchanges: { b: { ${key}: ${LEAK}, rate_limit: 0 } }`],
        [`${key} and a file that does not parse`, block(`${key}: ${LEAK}: [`)],
        [`${key} in braces that stay open`, `exchanges: { b: { ${key}: ${LEAK}, adapter: [ }\n`],
      ],
    ),
  ])('hides %s', (_, exchanges) => {
    expect(shownOf({ exchanges: exchanges as string })).not.toContain('LEAK')
  })

  test.each([
    `database: { host: h, password: ${LEAK}, port: ${LEAK} }`,
    `database:\n  password: ${LEAK}\n  port: ${LEAK}\n`,
    `database: { pasword: ${LEAK}, port: ${LEAK} }`,
    `url: postgres://u:${LEAK}@h/db`,
    `database: postgres://u:${LEAK}@h/db`,
    `database: { port: "postgres://u:${LEAK}@h/db" }`,
    `database: { port: "https://h/?api_key=${LEAK}&x=1" }`,
    `results: a: postgres://u:${LEAK}@h/db`,
  ])('hides the secret of the settings %s', (settings) => {
    expect(shownOf({ settings })).not.toContain('LEAK')
  })

  test('hides a secret of the environment that stands in the file too', () => {
    const settings = `database: { password: "\${P}" }\nlogging: { level: x${LEAK}y }`
    expect(shownOf({ settings }, { P: LEAK })).not.toContain('LEAK')
  })

  test('shows the key and the mask, with the mark under the key', () => {
    const { problems } = validate({ exchanges: block(`api_secert: ${LEAK}`) })
    expect(problems[0]?.frame).toEqual({ text: '    api_secert: ***', col: 5, length: 10 })
  })

  test('keeps what a file that does not parse says under known keys', () => {
    const settings = 'database: { host: ${H:x}, port: 5432, passwd: y }'
    const frame = validate({ settings }).problems[0]?.frame
    expect(frame?.text).toBe('database: { host: ${H:x}, port: 5432, passwd: *** }')
    expect(frame?.text[(frame?.col ?? 0) - 1]).toBe('{')
  })

  test('shows the keys of its user, whatever else is wrong', () => {
    const frames = (files: Files) => validate(files).problems.map(({ frame }) => frame?.text)
    const strategies = 'strategies:\n  mine:\n    type sma_crossover\n    params: { fast: 1\n'
    expect(frames({ strategies })).toContain('    type sma_crossover')
    expect(frames({ strategies: 'strategies:\n  mine: { tpye: sma } # note\n' })).toContain(
      '  mine: { tpye: sma } # note',
    )
    expect(frames({ strategies: 'strategies:\n  mine: { api_key: hunter2, x: [ }\n' })).toContain(
      '  mine: { api_key: ***, x: [ }',
    )
    const exchanges = 'exchanges:\n  mine:\n    adapter: binance\n    api_key ${KEY}\n'
    expect(frames({ exchanges })).toContain('    api_key ${KEY}')
  })

  test('keeps what is no secret, and the mark under it', () => {
    const settings = 'database: { hots: 10.0.0.1, port: 0, "name": "x" } # mine'
    expect(validate({ settings }).problems.map((problem) => problem.frame)).toEqual([
      { text: 'database: { hots: ***, port: 0, "name": "x" } # ***', col: 13, length: 4 },
      { text: 'database: { hots: ***, port: 0, "name": "x" } # ***', col: 30, length: 1 },
    ])
  })
})

describe('redaction', () => {
  const files: Files = {
    settings: `database:
  host: db-\${DB_PASSWORD}
  user: \${DB_PASSWORD}
  password: \${DB_PASSWORD}
  name: crypto
`,
    exchanges: EXCHANGES,
  }
  const env = { DB_PASSWORD: 'correct horse', MY_KEY: KEY }
  const config = load(files, env)

  test('hides secrets by value, wherever they got to', () => {
    const shown = JSON.stringify([redactedConfig(config), configWithOrigins(config)])
    expect(shown).not.toContain('correct horse')
    expect(shown).not.toContain(KEY)
    expect(shown).toContain('db-***')
  })

  test('hides secrets from JSON, strings and inspection of the configuration itself', () => {
    const { exchanges, provenance } = config
    const shown = `${JSON.stringify(exchanges)} ${inspect(exchanges, { depth: 9, showHidden: true })} ${inspect(provenance, { showHidden: true })} ${exchanges.binance?.api_key} ${Bun.inspect(exchanges)}`
    expect(shown).not.toContain(KEY)
    expect(exchanges.binance?.api_key?.reveal()).toBe(KEY)
  })

  test('a secret in a message is hidden too', () => {
    const { problems } = validate(
      { ...files, settings: `${files.settings}logging:\n  level: \${MY_KEY}\n` },
      env,
    )
    const shown = JSON.stringify(problems)
    expect(shown).toContain('was ')
    expect(shown).not.toContain(KEY)
  })

  test('a short default of the file hides only its own key', () => {
    const plain = load({ settings: 'database:\n  password: ${P:crypto}\n  name: crypto\n' })
    expect(redactedConfig(plain)).toMatchObject({ settings: { database: { name: 'crypto' } } })
    expect(redactedConfig(plain)).toMatchObject({ settings: { database: { password: '***' } } })
  })
})

describe('secrets are found before anything is said', () => {
  const HMAC = 's3cr3t+canary-9Kd83mN'
  const entry = (lines: string) => `exchanges:\n  b:\n    adapter: binance\n    ${lines}\n`
  test.each([
    ['a key', { exchanges: entry('api_secret: ${HMAC}') }],
    ['a value in quotes', { exchanges: 'exchanges: { b: { adapter: x, api_key: "${HMAC}" } }' }],
    ['a value on the next line', { exchanges: entry('api_key:\n      ${HMAC}') }],
    ['a block of lines', { exchanges: entry('api_key: >-\n      ${HMAC}') }],
    ['an alias', { exchanges: `x: &x { api_secret: "\${HMAC}" }\n${entry('<<: *x')}` }],
    ['a slip of the pen', { exchanges: entry('api_secert: ${HMAC}') }],
    ['an option of an unknown adapter', { exchanges: entry('options: { pin: "${HMAC}" }') }],
    ['an option inside of another', { exchanges: entry('options: { a: { b: ["${HMAC}"] } }') }],
    ['a part of a password', { settings: 'database: { password: "x-${HMAC}" }' }],
    ['a password in a URL', { exchanges: entry('base_url: "https://u:${HMAC}@h"') }],
    ['a file that does not parse', { exchanges: entry('api_secret: ${HMAC}\n    x: [') }],
    ['a bad file beside it', { exchanges: entry('api_secret: ${HMAC}'), settings: 'a: [' }],
    ['a wrong value', { settings: 'database: { password: ["${HMAC}"] }' }],
    ['a key of a file without secrets', { sweeps: 'api_secret: ${HMAC}', exchanges: '' }],
  ])('of %s', (_, files) => {
    const { catalog: _catalog, ...options } = optionsFor(files as Files, { HMAC, HOST: 'h' })
    expect(findSecrets(options).some((secret) => secret.includes(HMAC))).toBe(true)
  })

  test.each([
    ['no UTF-8', (text: string) => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])],
    ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['too long', (text: string) => Buffer.from(text + ' '.repeat(200_000))],
    ['in the words of a shell', (text: string) => Buffer.from(text.replace('${HMAC}', '$HMAC'))],
  ])('of a file that is %s', (_, written) => {
    const dir = mkdtempSync(join(tmpdir(), 'secrets-'))
    writeFileSync(join(dir, 'exchanges.yaml'), written(entry('api_secret: ${HMAC}')))
    expect(findSecrets({ dir, env: { HMAC } })).toContain(HMAC)
    rmSync(dir, { recursive: true })
  })

  test('and no folder or file is no failure', () => {
    expect(findSecrets({ dir: '/nowhere', env: {} })).toEqual([])
  })
})
