import { serveTiles, type WorkerScope } from '../../../src/backtesting/sweep/worker.ts'
import { ConfigError } from '../../../src/core/errors.ts'
import { METRICS } from '../../../src/core/metrics.ts'
import type { FaultyProgram } from './harness.ts'

declare const self: WorkerScope

/**
 * A real worker whose kernel is replaced by arithmetic on the point: rows are a pure function of the parameters.
 * A program may carry a fault that strikes while its counter, shared between workers, is above zero.
 */
serveTiles(self, (start) => ({
  runPoints(points) {
    const program: FaultyProgram = start.program
    const width = program.params.length
    const out = new Float64Array((points.length / width) * METRICS.length)
    for (let row = 0; row * width < points.length; row++) {
      const point = points.subarray(row * width, (row + 1) * width)
      strike(program, point)
      for (let m = 0; m < METRICS.length; m++) out[row * METRICS.length + m] = metricOf(point, m)
    }
    return out
  },
}))

function metricOf(point: Float64Array, metric: number): number {
  let mixed = metric + 1
  for (const value of point) mixed = (mixed * 31 + value * 7) % 101
  return mixed < 2 ? Number.NaN : mixed / 3 - 10
}

function strike({ fault }: FaultyProgram, point: Float64Array): void {
  if (fault === undefined || point[0] !== fault.atFirstParam) return
  if (fault.kind === 'slow') {
    Bun.sleepSync(fault.ms)
    return
  }
  if (Atomics.sub(fault.remaining, 0, 1) <= 0) return
  if (fault.kind === 'exit') process.exit(3)
  if (fault.kind === 'refuse') throw new ConfigError('KERNEL_PARAMETER', 'period 0 is refused.')
  throw new Error('kernel trap: unreachable')
}
