import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMANDS } from '../../../src/cli/command-list.ts'
import { GROUPS } from '../../../src/cli/examples.ts'
import { generateCommandList } from '../../../src/cli/generate-command-list.ts'

test('command-list.ts lists what the folder holds; if not, run: bun src/cli/generate-command-list.ts', () => {
  const committed = join(import.meta.dir, '../../../src/cli/command-list.ts')
  expect(readFileSync(committed, 'utf8')).toBe(generateCommandList())
})

test('every command belongs to a group of the help', () => {
  const groups = new Set(GROUPS.map(({ name }) => name))
  for (const { name } of COMMANDS) expect(groups).toContain(name.split(' ')[0] as string)
})
