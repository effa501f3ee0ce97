import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { budgetFile } from '../../../../src/app/exchanges/budget-file.ts'

const root = mkdtempSync(join(tmpdir(), 'budget-file-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const UID = process.getuid?.() ?? -1

function ask(folder: string, uid = UID) {
  const warnings: string[] = []
  return { file: budgetFile(folder, uid, (message) => warnings.push(message)), warnings }
}

describe('the file of rate limits', () => {
  test('lies in a folder that only its user can read, the same one every time', () => {
    const { file, warnings } = ask(root)
    expect(warnings).toEqual([])
    expect(file).toBe(join(root, `crypto-platform-${UID}`, 'rate-limits.sqlite'))
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
    expect(ask(root).file).toBe(file)
  })

  test.skipIf(UID === -1)('is not put where somebody else could change it', () => {
    const elsewhere = mkdtempSync(join(root, 'open-'))
    const folder = join(elsewhere, `crypto-platform-${UID}`)
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    const open = ask(elsewhere)
    expect(open.file).toBe(':memory:')
    expect(open.warnings[0]).toContain(folder)

    const linked = mkdtempSync(join(root, 'link-'))
    symlinkSync(folder, join(linked, `crypto-platform-${UID}`))
    expect(ask(linked).file).toBe(':memory:')

    // A folder of ours under the name of another user is none of that user's.
    const foreign = mkdtempSync(join(root, 'foreign-'))
    expect(ask(foreign, UID + 1).file).toBe(':memory:')
  })

  test('is given up with a warning where no folder can be made', () => {
    const { file, warnings } = ask(join(root, 'a\0b'))
    expect(file).toBe(':memory:')
    expect(warnings[0]).toContain('not shared with other processes')
  })
})
