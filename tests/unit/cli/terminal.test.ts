import { expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programOf } from '../../../src/cli/terminal.ts'

test('commands to copy start with npx where the shell has no bun of its own', () => {
  const root = mkdtempSync(join(tmpdir(), 'path-'))
  const folders = ['usr/bin', 'project/node_modules/.bin', 'bun-node-1f2e']
  const [shell, project, runner] = folders.map((name) => join(root, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [shell, project, runner]) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'bun'), '#!/bin/sh\n')
    chmodSync(join(folder, 'bun'), 0o755)
  }
  expect(programOf({ PATH: [project, runner].join(':') })).toBe('npx bun run crypto')
  expect(programOf({ PATH: [project, shell].join(':') })).toBe('bun run crypto')
  expect(programOf({})).toBe('bun run crypto')
  rmSync(root, { recursive: true })
})
