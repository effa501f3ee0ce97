import { METRICS } from '../../../src/core/metrics.ts'
import { serveTiles, type WorkerScope } from '../../../src/backtesting/sweep/worker.ts'
import type { FaultyProgram } from './harness.ts'

/**
 * A real worker whose kernel is replaced by arithmetic on the point: rows are a pure function of the parameters.
 * A program may carry a fault that strikes while its counter, shared between workers, is above zero.
 */
serveTiles<FaultyProgram>(self as unknown as WorkerScope, ({ program }) => ({
  runPoints(points) {
    const width = program.params.length
    const out = new Float64Array((points.length / width) * METRICS.length)
    for (let row = 0; row * width < points.length; row++) {
      const point = points.subarray(row * width, (row + 1) * width)
      strike(program, point)
      for (let m = 0; m < METRICS.length; m++) out[row * METRICS.length + m] = valueOf(point, m)
    }
    return out
  },
}))

function valueOf(point: Float64Array, metric: number): number {
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
  if (fault.kind === 'crash') queueMicrotask(() => throwError('kernel trap in a callback'))
  throwError('kernel trap: unreachable')
}

function throwError(message: string): never {
  throw new Error(message)
}
