import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findPassword,
  passwordFilePath,
  readPasswordFile,
} from '../../../../src/app/database/password-file.ts'

const PLACE = { host: 'db.local', port: 5432, name: 'crypto', user: 'me' }

describe('an entry of a password file', () => {
  test.each([
    ['has the password of its database', 'db.local:5432:crypto:me:hush', 'hush'],
    ['matches anything where it has *', '*:*:*:*:hush', 'hush'],
    ['is not for another host', 'db:5432:crypto:me:hush', undefined],
    ['is not for another port', 'db.local:543:crypto:me:hush', undefined],
    ['is not for another database', 'db.local:5432:crypt:me:hush', undefined],
    ['is not for another user', 'db.local:5432:crypto:you:hush', undefined],
    ['has colons and backslashes behind a backslash', String.raw`*:*:*:*:a\:b\\c\d`, 'a:b\\cd'],
    ['ends its password at a plain colon', '*:*:*:*:hush:more', 'hush'],
    ['may end in a backslash', '*:*:*:*:hush\\', 'hush\\'],
    ['keeps blanks and # in a password', '*:*:*:*: hu #sh ', ' hu #sh '],
    ['may have escapes in its other fields', String.raw`db\.local:5432:\crypto:me:hush`, 'hush'],
    ['matches * by itself only', String.raw`\*:*:*:*:hush`, undefined],
    ['is no comment', '#*:*:*:*:hush\n*:*:*:*:other', 'other'],
    ['counts when it is the first that fits', 'x:*:*:*:a\n*:*:*:me:b\n*:*:*:*:c', 'b'],
    ['may end as on Windows', '*:*:*:*:hush\r\n', 'hush'],
    ['is no line with too few fields', '\n*:*:*:*\n*:*:*:hush', undefined],
  ])('%s', (_, text, password) => {
    expect(findPassword(text, PLACE)).toBe(password)
  })

  test('is found for names with colons', () => {
    const place = { ...PLACE, host: '::1', user: 'a\\b' }
    expect(findPassword(String.raw`\:\:1:5432:crypto:a\\b:hush`, place)).toBe('hush')
  })
})

describe('a password file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'password-file-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  function read(path: string) {
    const notes: string[] = []
    return { password: readPasswordFile(path, PLACE, (message) => notes.push(message)), notes }
  }

  test('is the one that PGPASSFILE names, or that of the home folder', () => {
    expect(passwordFilePath({ PGPASSFILE: '/etc/pass', HOME: '/home/me' })).toBe('/etc/pass')
    expect(passwordFilePath({ PGPASSFILE: '', HOME: '/home/me' })).toBe('/home/me/.pgpass')
    expect(passwordFilePath({})).toBeUndefined()
  })

  test('is read where only its owner may', () => {
    const path = join(dir, 'mine')
    writeFileSync(path, '*:*:*:*:hush\n', { mode: 0o600 })
    expect(read(path)).toEqual({ password: 'hush', notes: [] })
  })

  test.each([0o640, 0o604, 0o620, 0o601])('is ignored with a note where its mode is %o', (mode) => {
    const path = join(dir, `open-${mode}`)
    writeFileSync(path, '*:*:*:*:hush\n')
    chmodSync(path, mode)
    const { password, notes } = read(path)
    expect(password).toBeUndefined()
    expect(notes).toEqual([expect.stringContaining(`${path} is ignored: others have access`)])
  })

  test('is ignored with a note where it is a folder', () => {
    const path = join(dir, 'folder')
    mkdirSync(path, { mode: 0o700 })
    const { password, notes } = read(path)
    expect(password).toBeUndefined()
    expect(notes).toEqual([expect.stringContaining('it is not a plain file')])
  })

  test('that is not there is nothing to talk about', () => {
    expect(read(join(dir, 'nowhere'))).toEqual({ password: undefined, notes: [] })
  })

  test('that cannot be looked at is ignored with a note', () => {
    const { password, notes } = read(join(dir, 'mine', 'below'))
    expect(password).toBeUndefined()
    expect(notes).toEqual([expect.stringContaining('ENOTDIR')])
  })
})
