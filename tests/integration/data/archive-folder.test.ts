import { expect, test } from 'bun:test'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { archiveInFolder } from '../../../src/data/archive/folder.ts'
import { temporaryLakes } from './lake-fixture.ts'

const newFixture = temporaryLakes()

test.each(['pipe', 'large', 'zero', 'folder'])(
  'an archive in a folder gives no file that is a %s',
  async (name) => {
    const { folder } = newFixture()
    const root = join(folder, 'data/spot')
    mkdirSync(join(root, 'folder.zip'), { recursive: true })
    Bun.spawnSync(['mkfifo', join(root, 'pipe.zip')])
    Bun.spawnSync(['truncate', '-s', '600M', join(root, 'large.zip')])
    symlinkSync('/dev/zero', join(root, 'zero.zip'))
    const reading = (await archiveInFolder(folder))(`spot/${name}.zip`)
    expect(await reading.catch((error) => error.kind)).toBe('unreadable')
  },
)
