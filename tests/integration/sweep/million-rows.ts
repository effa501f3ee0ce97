import { rmSync, writeFileSync } from 'node:fs'
import { runSweep } from '../../../src/backtesting/sweep/index.ts'
import { depsOf, specOf, type writeText } from './harness.ts'

/** Sweeps a million points in a process of its own, whose memory nobody else uses, and prints what it took. */
const spec = specOf({
  where: undefined,
  blockPoints: 2048,
  axes: [
    { name: 'fast', integer: true, values: { from: 1, to: 1000, step: 1 } },
    { name: 'slow', integer: true, values: { from: 1, to: 1000, step: 1 } },
    { name: 'threshold', integer: false, values: 0 },
  ],
})
let rows = 0
const writeRows: typeof writeText = async ({ path, chunks }) => {
  for await (const [fast] of chunks) rows += fast?.length ?? 0
  writeFileSync(path, '')
  return rows
}
const before = process.memoryUsage.rss()
const { completed, peakRssBytes } = await runSweep(spec, depsOf({ writeRows }))
rmSync(spec.outputDir, { recursive: true, force: true })
process.stdout.write(JSON.stringify({ completed, rows, grownBytes: peakRssBytes - before }))
