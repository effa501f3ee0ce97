import { expect, test } from 'bun:test'
import { describeFailure } from '../../../src/cli/failures.ts'
import { fakeProcess } from './harness.ts'

const failed = (code: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { code, ...more })

function described(error: unknown) {
  const process = fakeProcess()
  const view = describeFailure(error, process.runtime, ['data', 'list'])
  return { view, files: [...process.files.keys()] }
}

test.each([
  ['EACCES', 'permission is denied'],
  ['EPERM', 'permission is denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk or a quota is full'],
  ['EDQUOT', 'the disk or a quota is full'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a file is where a folder should be'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EIO', 'the disk or network mount fails'],
  ['ESTALE', 'the disk or network mount fails'],
  ['SQLITE_FULL', 'the disk or a quota is full'],
  ['SQLITE_IOERR_WRITE', 'the disk or network mount fails'],
  ['SQLITE_READONLY_DBMOVED', 'the file system is read-only'],
])('%s is what the system refuses, and no bug of ours', (code, reason) => {
  const { view, files } = described(failed(code, `${code}: it says`, { path: '/mnt/x' }))
  expect(view.message).toStartWith(`/mnt/x: ${reason}`)
  expect(view.exitCode).toBe(1)
  expect(files).toEqual([])
})

test('so is what DuckDB says of files, and what stands behind another error', () => {
  const duck = new Error('IO Error: Could not write file "/mnt/x": No space left on device')
  for (const error of [duck, new Error('failed', { cause: duck }), new AggregateError([duck])]) {
    const { view, files } = described(error)
    expect(view.message).toStartWith('/mnt/x: the disk or a quota is full')
    expect(files).toEqual([])
  }
})

test('a server or a network that gives up ends with 5', () => {
  expect(described(failed('ECONNRESET', 'read ECONNRESET')).view.exitCode).toBe(5)
  const damaged = failed('XX001', 'invalid page in block 0', { severity: 'ERROR' })
  expect(described(damaged).view).toMatchObject({ code: 'DATABASE_FAILED', exitCode: 5 })
  const driver = new TypeError('undefined is not an object')
  driver.stack = `TypeError: ${driver.message}\n    at parse (/x/node_modules/pg-protocol/dist/parser.js:9:1)\n    at data (native)`
  expect(described(driver)).toMatchObject({ view: { code: 'DATABASE_FAILED' }, files: [] })
})

test('anything else is a bug of ours', () => {
  const own = new TypeError('x is undefined')
  own.stack =
    'TypeError: x\n    at work (/x/src/a.ts:1:1)\n    at q (/x/node_modules/pg/lib/client.js:1:1)'
  for (const error of [own, failed('EINVAL', 'EINVAL: invalid argument'), 'text']) {
    const { view, files } = described(error)
    expect(view.code).toBe('INTERNAL')
    expect(files).toHaveLength(1)
  }
})
