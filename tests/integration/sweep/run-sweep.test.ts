import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SweepEstimate, SweepProgress, SweepResult } from '../../../src/backtesting/results.ts'
import { runSweep, type SweepSpec } from '../../../src/backtesting/sweep/index.ts'
import { METRICS } from '../../../src/core/metrics.ts'
import {
  createArithmeticWorker,
  crossProgram,
  depsOf,
  specOf as specWithFolder,
  times,
} from './harness.ts'

setDefaultTimeout(60_000)

const folders: string[] = []

function specOf(overrides: Partial<SweepSpec> = {}): SweepSpec {
  const spec = specWithFolder(overrides)
  folders.push(spec.outputDir)
  return spec
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const rowsOf = (result: SweepResult) => readFileSync(result.rowsFile, 'utf8').trimEnd().split('\n')

async function failureOf(run: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await run
  } catch (error) {
    return error as Error & { code?: string }
  }
  throw new Error('expected a failure')
}

const reference = await runSweep(specOf(), depsOf())
const referenceRows = rowsOf(reference)

describe('a whole sweep', () => {
  test('computes every combination that satisfies where, in canonical order', () => {
    const expected: string[] = []
    for (let fast = 2; fast <= 31; fast++) {
      for (let slow = 10; slow <= 88; slow += 2) {
        for (const threshold of [0, 0.1, 0.2, 0.3, 0.4]) {
          if (fast < slow) expected.push(`${fast},${slow},${threshold}`)
        }
      }
    }
    const found = referenceRows.slice(1).map((line) => line.split(',').slice(0, 3).join(','))
    expect(found).toEqual(expected)
    expect(reference.combinations).toBe(expected.length)
    expect(reference.completed).toBe(expected.length)
    const reasons = 'sortino_reason,calmar_reason,profit_factor_reason'
    expect(referenceRows[0]).toBe(`fast,slow,threshold,${METRICS.join(',')},${reasons}`)
  })

  test('ranks exactly like sorting all rows', () => {
    const column = 3 + METRICS.indexOf('sharpe')
    const trades = 3 + METRICS.indexOf('trades')
    const best = referenceRows
      .slice(1)
      .map((line) => line.split(','))
      .filter((cells) => cells[trades] !== '' && Number(cells[trades]) >= 0)
      .map((cells, index) => ({ index, cells, score: Number(cells[column]) }))
      .filter(({ cells }) => cells[column] !== '')
      .sort(
        (a, b) => b.score - a.score || Number(b.cells[3]) - Number(a.cells[3]) || a.index - b.index,
      )
      .slice(0, 10)
    expect(reference.top.map(({ params }) => Object.values(params).join(','))).toEqual(
      best.map(({ cells }) => cells.slice(0, 3).join(',')),
    )
    expect(reference.top.map(({ metrics }) => metrics.sharpe)).toEqual(
      best.map(({ score }) => score),
    )
  })

  test('leaves rows and manifest and nothing else', () => {
    const folder = join(reference.rowsFile, '..')
    expect(readdirSync(folder).sort()).toEqual(['grid.manifest.json', 'grid.parquet'])
    const manifest = JSON.parse(readFileSync(reference.manifestFile, 'utf8'))
    expect(manifest).toMatchObject({
      hashes: { candles: 'c0ffee', config: 'config', kernel: 'kernel' },
      combinations: reference.combinations,
      completed: reference.combinations,
      digest: reference.digest,
      rows_file: 'grid.parquet',
      interrupted: false,
      failure: null,
      seed: null,
    })
    expect(manifest.market).toMatchObject({
      ...{ bars: 60, warmup_bars: 4, seed_weight_max: 0.001, holes: 0, sparse: false },
    })
  })

  test('tells estimate first, then progress up to the end', async () => {
    const estimates: SweepEstimate[] = []
    const progress: SweepProgress[] = []
    const result = await runSweep(
      specOf(),
      depsOf({
        onEstimate: (estimate) => estimates.push(estimate),
        onProgress: (report) => {
          expect(estimates).toHaveLength(1)
          progress.push(report)
        },
      }),
    )
    expect(estimates[0]).toMatchObject({ gridPoints: 30 * 40 * 5, bars: 60, workers: 2 })
    expect(progress.at(-1)).toMatchObject({ done: result.combinations, top: result.top })
  })
})

describe('the digest', () => {
  for (const workers of [1, 2, 7]) {
    for (const blockPoints of [1, 7, 256, 5000]) {
      test(`is the same for ${workers} workers and blocks of ${blockPoints}`, async () => {
        const axes = specWithFolder().axes.map((axis) =>
          axis.name === 'fast' ? { ...axis, values: [2, 5, 11, 23] } : axis,
        )
        const spec = specOf({ axes, workers, blockPoints })
        const result = await runSweep(spec, depsOf())
        const fewFast = referenceRows.filter((line) => /^(fast|2|5|11|23),/.test(line))
        expect(rowsOf(result)).toEqual(fewFast)
        digests.add(result.digest)
        expect(digests.size).toBe(1)
      })
    }
  }
  const digests = new Set<string>()

  test('is what the documentation says: names, then the bits of every row', () => {
    const width = 3 + METRICS.length
    const [header = [], ...lines] = referenceRows.map((line) => line.split(',').slice(0, width))
    const hash = createHash('sha256').update(JSON.stringify(header))
    for (const cells of lines) {
      const bytes = Buffer.alloc(8 * width)
      cells.forEach((cell, i) => {
        if (cell === '') bytes.writeBigUInt64LE(0x7ff8000000000000n, i * 8)
        else bytes.writeDoubleLE(Number(cell), i * 8)
      })
      hash.update(bytes)
    }
    expect(reference.digest).toBe(hash.digest('hex'))
  })

  test('changes with a parameter value', async () => {
    const axes = specWithFolder().axes.map((axis) =>
      axis.name === 'threshold' ? { ...axis, values: [0, 0.1, 0.2, 0.3, 0.5] } : axis,
    )
    const result = await runSweep(specOf({ axes }), depsOf())
    expect(result.digest).not.toBe(reference.digest)
  })
})

describe('a worker that dies', () => {
  for (const kind of ['exit', 'throw'] as const) {
    test(`by ${kind} has its tile computed again and reported`, async () => {
      const program = crossProgram({ kind, atFirstParam: 20, remaining: times(1) })
      const warnings: string[] = []
      const result = await runSweep(
        specOf({ program }),
        depsOf({ onWarning: (message) => warnings.push(message) }),
      )
      expect(result.digest).toBe(reference.digest)
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(
        /^Tile \d+ of \d+ \(fast .*\) is computed again on a fresh worker: /,
      )
      expect(result.warnings).toEqual(warnings)
    })

    test(`by ${kind} on the same tile twice fails the sweep and keeps the other rows`, async () => {
      const program = crossProgram({ kind, atFirstParam: 31, remaining: times(1000) })
      const spec = specOf({ program })
      const error = await failureOf(runSweep(spec, depsOf()))
      expect(error.code).toBe('WORKER_FAILED')
      expect(error.message).toMatch(/Tile \d+ of \d+ \(fast \d+ to 31.*failed on two workers: /)
      expect(error.message).toMatch(/The \d+ of 5\d\d\d rows completed before are kept in /)
      const rows = readFileSync(join(spec.outputDir, 'grid.partial.parquet'), 'utf8')
        .trimEnd()
        .split('\n')
      expect(rows.length).toBeGreaterThan(1)
      expect(rows.every((row) => referenceRows.includes(row))).toBe(true)
      const manifest = JSON.parse(
        readFileSync(join(spec.outputDir, 'grid.partial.manifest.json'), 'utf8'),
      )
      expect(manifest.completed).toBe(rows.length - 1)
      expect(manifest.failure).toContain('failed on two workers')
    })
  }

  test('because the kernel refuses a parameter ends the sweep with that error, without a second attempt', async () => {
    const program = crossProgram({ kind: 'refuse', atFirstParam: 31, remaining: times(1000) })
    const spec = specOf({ program })
    const onWarning = () => {
      throw new Error('nothing may be computed again')
    }
    const error = await failureOf(runSweep(spec, depsOf({ onWarning })))
    expect(error).toMatchObject({ code: 'KERNEL_PARAMETER', exitCode: 2 })
    expect(error.message).toMatch(/^Tile \d+ of \d+ \(fast .*\): period 0 is refused\.$/)
    expect(readdirSync(spec.outputDir)).toEqual([])
  })

  test('by termination from outside has its tile computed again', async () => {
    let created = 0
    const createWorker = () => {
      const worker = createArithmeticWorker()
      if (++created === 1) worker.addEventListener('message', () => worker.terminate())
      return worker
    }
    const result = await runSweep(specOf({ workers: 1 }), depsOf({ createWorker }))
    expect(result.digest).toBe(reference.digest)
    expect(created).toBe(2)
  })

  test('before it can start is an error that says so', async () => {
    const createWorker = () => new Worker(new URL('./no-such-worker.ts', import.meta.url).href)
    const error = await failureOf(runSweep(specOf(), depsOf({ createWorker })))
    expect(error.message).toContain('ModuleNotFound')
    expect(error.message).toContain('No combination was completed before; nothing was written.')
  })
})

describe('an interruption', () => {
  test('leaves a valid partial result with rows of the whole run', async () => {
    const stop = new AbortController()
    const program = crossProgram({ kind: 'slow', atFirstParam: 12, ms: 5 })
    const result = await runSweep(
      specOf({ program, blockPoints: 64 }),
      depsOf({
        signal: stop.signal,
        createWorker: () => {
          const worker = createArithmeticWorker()
          worker.addEventListener('message', () => stop.abort())
          return worker
        },
      }),
    )
    const rows = rowsOf(result)
    expect(result.interrupted).toBe(true)
    expect(result.completed).toBeGreaterThan(0)
    expect(result.completed).toBeLessThan(result.combinations)
    expect(rows.length).toBe(result.completed + 1)
    const wanted = new Set(rows)
    expect(rows).toEqual(referenceRows.filter((row) => wanted.has(row)))
    const manifest = JSON.parse(readFileSync(result.manifestFile, 'utf8'))
    expect(manifest).toMatchObject({ interrupted: true, completed: result.completed })
  })
})

describe('a refusal', () => {
  const never = () => {
    throw new Error('no worker may start')
  }

  test('of a grid of 10^12 comes at once, with the numbers', async () => {
    const range = { from: 1, to: 1_000_000, step: 1 }
    const axes = [
      { name: 'fast', integer: true, values: range },
      { name: 'slow', integer: true, values: range },
      { name: 'threshold', integer: false, values: 0 },
    ]
    const startedMs = performance.now()
    const error = await failureOf(runSweep(specOf({ axes }), depsOf({ createWorker: never })))
    // Listing even one axis of it a million times over would take hours; a busy machine takes some time for nothing.
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(error.code).toBe('GRID_TOO_LARGE')
    expect(error.message).toBe(
      'sweeps.grid.params: the grid has 1,000,000,000,000 combinations (fast 1,000,000 × slow 1,000,000), ' +
        'the limit is 50,000,000. Use larger steps or narrower ranges, or raise sweep.combinations_max in settings.yaml.',
    )
  })

  test('for memory names need and limit', async () => {
    const limits = { combinationsMax: 1e6, memoryMaxBytes: 2 ** 20 }
    const error = await failureOf(runSweep(specOf({ limits }), depsOf({ createWorker: never })))
    expect(error.code).toBe('GRID_TOO_LARGE')
    expect(error.message).toMatch(
      /on 2 workers need \d+ MiB of memory, the limit is 1 MiB\. Use fewer workers/,
    )
  })

  test('for disk space names need and what is free', async () => {
    const spec = specOf()
    const deps = depsOf({ createWorker: never, freeDiskBytes: () => 1000 })
    const error = await failureOf(runSweep(spec, deps))
    expect(error.code).toBe('GRID_TOO_LARGE')
    expect(error.message).toMatch(/combinations need 3 MiB in .*, 1 MiB are free/)
    expect(readdirSync(spec.outputDir)).toEqual([])
  })

  test('of a where that removes everything names it and the ranges', async () => {
    const spec = specOf({ where: 'fast > slow + 100' })
    const error = await failureOf(runSweep(spec, depsOf({ createWorker: never })))
    expect(error.code).toBe('SWEEP_EMPTY')
    expect(error.message).toContain(
      "'fast > slow + 100' removes all 6,000 combinations (fast 2 to 31",
    )
  })

  test('of an output folder that is a file comes before anything is computed', async () => {
    const folder = specOf().outputDir
    const path = join(folder, 'taken')
    writeFileSync(path, '')
    const spec = specOf({ outputDir: join(path, 'deeper') })
    const error = await failureOf(runSweep(spec, depsOf({ createWorker: never })))
    expect(error.code).toBe('WRITE_FAILED')
    expect(error.message).toContain('ENOTDIR')
  })

  test.skipIf(process.platform !== 'linux')('of a read-only file system', async () => {
    const spec = { ...specOf(), outputDir: '/proc/sweep-results' }
    const error = await failureOf(runSweep(spec, depsOf({ createWorker: never })))
    expect(error.code).toMatch(/^(WRITE_FAILED|FOLDER_READ_ONLY)$/)
    expect(error.message).toMatch(/^\/proc\/sweep-results: \w.* \(E\w+\)\. /)
  })

  test.skipIf(process.getuid?.() === 0)(
    'of a read-only output folder (root may write anyway)',
    async () => {
      const spec = specOf()
      chmodSync(spec.outputDir, 0o555)
      const error = await failureOf(runSweep(spec, depsOf({ createWorker: never })))
      chmodSync(spec.outputDir, 0o755)
      expect(error.code).toBe('FOLDER_READ_ONLY')
    },
  )
})

describe('writing the results', () => {
  test('that fails leaves no file behind', async () => {
    const spec = specOf()
    const writeRows = async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }
    const error = await failureOf(runSweep(spec, depsOf({ writeRows })))
    expect(error.code).toBe('DISK_FULL')
    expect(readdirSync(spec.outputDir)).toEqual([])
  })

  test('replaces the files of an earlier run only when complete', async () => {
    const spec = specOf()
    await runSweep(spec, depsOf())
    const before = readFileSync(join(spec.outputDir, 'grid.manifest.json'), 'utf8')
    const writeRows = async () => {
      throw new Error('IO Error: No space left on device')
    }
    expect((await failureOf(runSweep(spec, depsOf({ writeRows })))).code).toBe('DISK_FULL')
    expect(readFileSync(join(spec.outputDir, 'grid.manifest.json'), 'utf8')).toBe(before)
    expect(existsSync(join(spec.outputDir, 'grid.parquet'))).toBe(true)
  })

  test('on a disk that fills up while rows come in ends with a clear error and an empty folder', async () => {
    const spec = specOf()
    const script = join(import.meta.dir, 'fill-disk.ts')
    // A limit on file size is a full disk that needs no privileges: 64 blocks of 512 or 1,024 bytes.
    const command = `trap '' XFSZ; ulimit -f 64; exec "${process.execPath}" "${script}" "${spec.outputDir}"`
    const child = Bun.spawn(['sh', '-c', command], { stdout: 'pipe', stderr: 'pipe' })
    expect(await new Response(child.stdout).text()).toContain('DISK_FULL')
    expect(readdirSync(spec.outputDir)).toEqual([])
  })
})

describe('a ranking without eligible rows', () => {
  test('is empty', async () => {
    const result = await runSweep(specOf({ constraints: ['trades > 1000'] }), depsOf())
    expect(result).toMatchObject({ eligible: 0, top: [], warnings: [] })
    expect(result.completed).toBe(result.combinations)
  })
})

describe('a sweep of a million rows', () => {
  test('stays within bounded memory', async () => {
    const script = join(import.meta.dir, 'million-rows.ts')
    const child = Bun.spawn([process.execPath, script], { stdout: 'pipe', stderr: 'inherit' })
    const { completed, rows, grownBytes } = await child.stdout.json()
    expect([completed, rows]).toEqual([1_000_000, 1_000_000])
    expect(grownBytes).toBeLessThan(120 * 2 ** 20)
  })
})
