import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { estimateDiskBytes } from '../../../src/backtesting/sweep/estimate.ts'
import { runSweep } from '../../../src/backtesting/sweep/index.ts'
import type { WriteTable } from '../../../src/backtesting/tables.ts'
import { writeTable } from '../../../src/data/index.ts'
import { until } from '../../support/until.ts'
import { depsOf, specOf, tempFolder } from './harness.ts'

setDefaultTimeout(60_000)

const SLOW = new URL('./slow-sweep.ts', import.meta.url).pathname
const DONE = ['grid.manifest.json', 'grid.parquet']

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ code: 'no error', message: '' }),
    (error: { readonly code: string; readonly message: string }) => error,
  )

async function startSlow(outputDir: string) {
  const child = Bun.spawn([process.execPath, SLOW, outputDir], { stderr: 'inherit' })
  const spools = () =>
    readdirSync(outputDir).filter((name) => existsSync(join(outputDir, name, 'rows.spool')))
  await until(async () => spools().length === 1)
  return { child, folder: spools()[0] as string }
}

describe('a sweep', () => {
  test('leaves the folder of a running one of its name alone and removes that of a killed one', async () => {
    const outputDir = tempFolder()
    const { child, folder } = await startSlow(outputDir)
    try {
      const failure = await failureOf(runSweep(specOf({ outputDir }), depsOf()))
      expect(failure.code).toBe('SWEEP_BUSY')
      expect(failure.message).toContain(`process ${child.pid} runs a sweep of this name`)
      expect(readdirSync(outputDir)).toContain(folder)
      // One of another name has nothing to do with it.
      await runSweep(specOf({ outputDir, name: 'grid-abcdef' }), depsOf())
      expect(readdirSync(outputDir)).toContain(folder)
    } finally {
      child.kill('SIGKILL')
      await child.exited
    }
    expect(readdirSync(outputDir)).toContain(folder)
    for (const name of ['grid-abcdef.parquet', 'grid-abcdef.manifest.json']) {
      rmSync(join(outputDir, name))
    }
    await runSweep(specOf({ outputDir }), depsOf())
    expect(readdirSync(outputDir).sort()).toEqual(DONE)
  })

  test('removes nothing that a sweep did not make', async () => {
    const outputDir = tempFolder()
    const kept = ['.grid-backup', '.grid-1', '.grid-abcdefg']
    for (const name of kept) mkdirSync(join(outputDir, name))
    writeFileSync(join(outputDir, '.grid-backup', 'mine'), '')
    writeFileSync(join(outputDir, '.grid-notice'), '')
    await runSweep(specOf({ outputDir }), depsOf())
    expect(readdirSync(outputDir).sort()).toEqual([...kept, '.grid-notice', ...DONE].sort())
  })
})

const folder = mkdtempSync(join(tmpdir(), 'sweep-disk-'))
const mounted: string[] = []
afterAll(() => {
  for (const path of mounted) Bun.spawnSync(['umount', path])
  rmSync(folder, { recursive: true, force: true })
})

function mount(bytes: number): string | undefined {
  if (Bun.which('mount') === null || process.platform !== 'linux') return undefined
  const path = mkdtempSync(join(folder, 'm'))
  const size = `size=${Math.ceil(bytes / 4096) * 4}k`
  const run = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', size, 'tmpfs', path], {
    stderr: 'ignore',
  })
  if (run.exitCode !== 0) return undefined
  mounted.push(path)
  return path
}

const canMount = mount(4096) !== undefined

/** Rows that do not compress. */
const writeNoise: WriteTable = async (table) => {
  async function* chunks() {
    for await (const chunk of table.chunks) {
      yield chunk.map((cells) =>
        cells instanceof Float64Array ? cells.map(() => Math.random()) : cells,
      )
    }
  }
  return await writeTable({ ...table, chunks: chunks() })
}

describe(`the free space${canMount ? '' : ' (skipped: needs the right to mount a tmpfs)'}`, () => {
  const axes = [
    { name: 'fast', integer: true, values: { from: 1, to: 200, step: 1 } },
    { name: 'slow', integer: true, values: { from: 1, to: 200, step: 1 } },
    { name: 'threshold', integer: false, values: 0 },
  ]
  const needed = estimateDiskBytes(40_000, axes.length)
  const grid = { axes, where: undefined, blockPoints: 2048 }

  test.skipIf(!canMount)(
    'that the numbers ask for is enough for rows that do not compress',
    async () => {
      const outputDir = mount(needed + 65_536) as string
      const result = await runSweep(
        specOf({ ...grid, outputDir }),
        depsOf({ writeRows: writeNoise }),
      )
      expect(result.completed).toBe(40_000)
      expect(readdirSync(outputDir).sort()).toEqual(DONE)
    },
  )

  test.skipIf(!canMount)('that is less is refused before anything is computed', async () => {
    const outputDir = mount(needed * 0.95) as string
    const createWorker = () => {
      throw new Error('a worker was started')
    }
    const failure = await failureOf(
      runSweep(specOf({ ...grid, outputDir }), depsOf({ createWorker })),
    )
    expect(failure.code).toBe('GRID_TOO_LARGE')
    expect(failure.message).toMatch(/need 18 MiB in .* while they are written, 17 MiB are free/)
    expect(readdirSync(outputDir)).toEqual([])
  })
})
