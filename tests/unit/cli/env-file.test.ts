import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import manifest from '../../../package.json' with { type: 'json' }
import { applyEnvFile } from '../../../src/cli/env-file.ts'

const ROOT = join(import.meta.dir, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'env-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  count += 1
  const dir = join(folder, String(count))
  mkdirSync(join(dir, 'config'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

describe('what a command gets, started by the file itself in any folder', () => {
  const files = {
    // The password of oven-sh/bun #14059: Bun makes `Tr4de#9` of it.
    '.env': "RESULTS='Tr4de$Bot#9'\n",
    '.env.local': 'RESULTS=local\nLAKE=local\n',
    '.env.development': 'LAKE=development\n',
    'config/settings.yaml':
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
      'results: ${RESULTS:none}\ndata: { lake: "${LAKE:none}" }\n',
  }
  const originsIn = (dir: string, env: Readonly<Record<string, string>>, words: string[] = []) => {
    const run = Bun.spawnSync(
      [process.execPath, ...words, join(ROOT, 'src/cli/main.ts'), 'config', 'show', '--origin'],
      { cwd: dir, env: { PATH: process.env.PATH, ...env } },
    )
    expect(run.stderr.toString()).toBe('')
    const lines = run.stdout.toString().split('\n')
    const lineOf = (path: string) =>
      lines.find((line) => line.startsWith(path))?.replace(/\s+/g, ' ')
    return [lineOf('settings.results:'), lineOf('settings.data.lake:')]
  }

  test('is the value of .env as it stands there, and nothing of other files', () => {
    expect(originsIn(folderWith(files), {})).toEqual([
      'settings.results: Tr4de$Bot#9 # .env:1 RESULTS',
      'settings.data.lake: none # config/settings.yaml:2:15',
    ])
  })

  test('is the value of the environment where it has one', () => {
    expect(originsIn(folderWith(files), { RESULTS: 'real', LAKE: '' })).toEqual([
      'settings.results: real # environment RESULTS',
      'settings.data.lake: none # config/settings.yaml:2:15',
    ])
  })

  test('is what --env-file names, which was asked for', () => {
    expect(originsIn(folderWith(files), {}, ['--env-file=.env.local'])).toEqual([
      'settings.results: local # environment RESULTS',
      'settings.data.lake: local # environment LAKE',
    ])
  })
})

test('the script and this folder keep Bun from reading .env', async () => {
  expect(manifest.scripts.crypto).toContain('--no-env-file')
  expect(await Bun.file(join(ROOT, 'bunfig.toml')).text()).toContain('\nenv = false\n')
})

test.each([
  ['bytes that are no UTF-8', { '.env': new Uint8Array([65, 61, 255, 10]) }, 'not UTF-8'],
  ['a megabyte', { '.env': 'x'.repeat(1_000_001) }, 'more than 1000000 bytes'],
])('%s in .env is a fault of it', (_, files, message) => {
  const { faults, values } = applyEnvFile({}, folderWith(files))
  expect(values.size).toBe(0)
  expect(faults[0]?.message).toContain(message)
})

test('a folder named .env is a fault, no file is none', () => {
  const dir = folderWith({})
  expect(applyEnvFile({}, dir).faults).toEqual([])
  mkdirSync(join(dir, '.env'))
  expect(applyEnvFile({}, dir).faults[0]?.message).toContain('is no file')
})
