// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { describe, expect, test } from 'bun:test'
import { parseEnvFile } from '../../../src/config/env-file.ts'
import { configWithOrigins, loadConfig, validateConfig } from '../../../src/config/index.ts'
import { optionsFor } from './support.ts'

const valuesOf = (text: string) =>
  Object.fromEntries([...parseEnvFile(text).values].map(([name, { value }]) => [name, value]))

// Single quotes, `export`, comments, empty values, lines and duplicates as `node --env-file` 20.20 and docker compose read them.
test.each([
  ["A='Tr4de$Bot#9'", 'Tr4de$Bot#9'],
  ["A='back\\slash\\n $HOME ${HOME} # \"'", 'back\\slash\\n $HOME ${HOME} # "'],
  ['A="a\\nb\\tc \\"q\\" \\\\ \\$5 \\x"', 'a\nb\tc "q" \\ $5 \\x'],
  ['A="it\'s"  # said', "it's"],
  ['A=Tr4de$Bot', 'Tr4de$Bot'],
  ['A=plain words # a comment', 'plain words'],
  ['A=pl#ain', 'pl#ain'],
  ['A=#fff', '#fff'],
  ['A= # nothing', ''],
  ['A=', ''],
  ["A=''", ''],
  ['export A=1', '1'],
  ['  A = spaced  ', 'spaced'],
  ['\uFEFFA=1', '1'],
  ['A=1\r\nB=2\r\n', '1'],
  ['A=1\nA=2', '2'],
  ["A='two\nlines'", 'two\nlines'],
  ['A="two\r\nlines"', 'two\nlines'],
  ['A=`b\'t"`', 'b\'t"'],
  ['# A=0\n\nA=a=b', 'a=b'],
])('%j gives A the value %j', (text, value) => {
  expect(parseEnvFile(text).faults).toEqual([])
  expect(valuesOf(text).A).toBe(value)
})

test.each([
  ['B=1\ngarbage', 2, 'NAME=value'],
  ['export A', 1, 'NAME=value'],
  ['1A=2', 1, 'NAME=value'],
  ["B='two\nlines'\nA='open", 3, 'no closing quote'],
  ['A="open\\"', 1, 'no closing quote'],
  ["A='it''s'", 1, 'more'],
  ['A="x"y', 1, 'more'],
  ["A='Let\\'s go'", 1, 'more'],
  ['A=a\0b', 1, 'NUL'],
])('%j is refused on line %d', (text, line, message) => {
  const { faults } = parseEnvFile(text)
  expect(faults.map((fault) => fault.line)).toEqual([line])
  expect(faults[0]?.message).toContain(message)
})

test('counts the lines of values that have several', () => {
  const { values } = parseEnvFile("A='1\n2\n3'\n\n# x\nB=1\n")
  expect(values.get('A')?.line).toBe(1)
  expect(values.get('B')?.line).toBe(6)
})

test('a megabyte of quotes takes no longer than one of letters', () => {
  const started = performance.now()
  for (const text of [`A="${'\\'.repeat(999_999)}`, "A='".repeat(300_000), 'A= #'.repeat(250_000)])
    parseEnvFile(text)
  expect(performance.now() - started).toBeLessThan(2000)
})

describe('in the configuration', () => {
  const files = { settings: 'results: ${R:r}\ndatabase: { host: "${H}-${R}", port: "${P:1}" }' }
  const options = (text: string) => {
    const parsed = parseEnvFile(text)
    const env = { H: 'h', ...valuesOf(text) }
    return { ...optionsFor(files, env), envFile: { file: '.env', ...parsed } }
  }

  test('an origin names file and line', () => {
    const rows = configWithOrigins(loadConfig(options('# x\nR=from-file\n')))
    const originOf = (path: string) => rows.find((row) => row.path === path)?.origin
    expect(originOf('settings.results')).toBe('.env:2 R')
    expect(originOf('settings.database.host')).toBe('environment H, .env:2 R')
  })

  test('so does the message on a wrong value', () => {
    const { problems } = validateConfig(options('R=x\nP=abc'))
    expect(problems[0]?.message).toContain("was 'abc' (from .env:2 P)")
  })

  test('a line that cannot be read is a problem, which shows nothing of it', () => {
    const { problems } = validateConfig(options("R=x\nKEY='s3cr3t canary"))
    expect(problems).toMatchObject([{ file: '.env', line: 2, code: 'CONFIG_ENV_FILE' }])
    expect(JSON.stringify(problems)).not.toContain('canary')
  })
})
