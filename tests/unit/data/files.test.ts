import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlatformError } from '../../../src/core/errors.ts'
import { storageError, writeAtomically } from '../../../src/data/files.ts'

const folder = mkdtempSync(join(tmpdir(), 'crypto-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('writeAtomically', () => {
  test('replaces a file, making its folders', async () => {
    const path = join(folder, 'a/b/file.txt')
    await writeAtomically(path, (temporary) => writeFileSync(temporary, 'one'))
    await writeAtomically(path, (temporary) => {
      expect(readFileSync(path, 'utf8')).toBe('one')
      writeFileSync(temporary, 'two')
    })
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['file.txt'])
  })

  test('keeps the old file and leaves nothing behind when writing fails', async () => {
    const path = join(folder, 'kept.txt')
    writeFileSync(path, 'old')
    const failing = writeAtomically(path, (temporary) => {
      writeFileSync(temporary, 'half')
      throw new Error('ENOSPC: no space left on device, write')
    })
    expect(failing).rejects.toMatchObject({ code: 'DISK_FULL', exitCode: 1 })
    await failing.catch(() => {})
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('fails clearly when a file stands where a folder is needed', async () => {
    const file = join(folder, 'plain')
    writeFileSync(file, '')
    const failing = writeAtomically(join(file, 'x.txt'), () => {})
    expect(failing).rejects.toBeInstanceOf(PlatformError)
    await failing.catch(() => {})
    expect(existsSync(join(file, 'x.txt'))).toBe(false)
  })
})

describe('storageError', () => {
  test.each([
    ['EROFS: read-only file system, mkdir', 'FOLDER_READ_ONLY'],
    ['IO Error: Cannot open file "x": Permission denied', 'FOLDER_READ_ONLY'],
    ['IO Error: Could not write file "x": No space left on device', 'DISK_FULL'],
    ['IO Error: something else', 'WRITE_FAILED'],
  ])('%s is %s', (message, code) => {
    const error = storageError(new Error(message), 'out')
    expect(error.code).toBe(code)
    expect(error.message).toStartWith('out: ')
  })
})
