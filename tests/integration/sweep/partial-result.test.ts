import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runSweep } from '../../../src/backtesting/sweep/index.ts'
import { createArithmeticWorker, crossProgram, depsOf, specOf } from './harness.ts'

setDefaultTimeout(60_000)

describe('a sweep that is interrupted', () => {
  test('before the first tile is an error and leaves no file', async () => {
    const spec = specOf({ where: undefined })
    const error = await runSweep(spec, depsOf({ signal: AbortSignal.abort() })).catch((e) => e)
    expect(error.code).toBe('INTERRUPTED')
    expect(error.message).toContain("'grid' was interrupted before its first combination")
    expect(readdirSync(spec.outputDir)).toEqual([])
  })

  test('leaves the whole result of an earlier run alone, and the next one removes the part', async () => {
    const spec = specOf({ blockPoints: 64 })
    const whole = await runSweep(spec, depsOf())
    const files = () =>
      [whole.rowsFile, whole.manifestFile].map((path) => readFileSync(path, 'utf8'))
    const before = files()
    const stop = new AbortController()
    const createWorker = () => {
      const worker = createArithmeticWorker()
      worker.addEventListener('message', () => stop.abort())
      return worker
    }
    const slow = crossProgram({ kind: 'slow', atFirstParam: 12, ms: 5 })
    const part = await runSweep(
      { ...spec, program: slow },
      depsOf({ signal: stop.signal, createWorker }),
    )
    expect(part.completed).toBeLessThan(part.combinations)
    expect(part.rowsFile).toBe(join(spec.outputDir, 'grid.partial.parquet'))
    expect(part.manifestFile).toBe(join(spec.outputDir, 'grid.partial.manifest.json'))
    expect(JSON.parse(readFileSync(part.manifestFile, 'utf8')).rows_file).toBe(
      'grid.partial.parquet',
    )
    expect(files()).toEqual(before)
    await runSweep(spec, depsOf())
    expect(readdirSync(spec.outputDir).sort()).toEqual(['grid.manifest.json', 'grid.parquet'])
  })
})
