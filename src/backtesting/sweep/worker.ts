import { ConfigError, invariant } from '../../core/errors.ts'
import { METRICS } from '../../core/metrics.ts'
import { writePoint } from './grid.ts'
import type { FailedMessage, FromWorker, StartMessage, ToWorker } from './protocol.ts'
import { survives } from './survivors.ts'
import { forEachPoint } from './tiles.ts'

/** Computes rows of metrics for points of one program on one market; both tables are row-major. */
export interface PointRunner {
  runPoints(points: Float64Array): Float64Array
}

/** What a worker's global scope offers. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: FromWorker, transfer?: ArrayBuffer[]): void
}

/**
 * Serves tiles of a sweep in a worker. The entry point calls this first thing, so that no message is lost.
 * @param createRunner builds the kernel for the program and market of the start message
 */
export function serveTiles(
  scope: WorkerScope,
  createRunner: (start: StartMessage) => PointRunner,
): void {
  let state: { readonly start: StartMessage; readonly runner: PointRunner } | undefined
  scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    try {
      if (data.kind === 'start') {
        state = { start: data, runner: createRunner(data) }
        return
      }
      invariant(state !== undefined, 'a worker is started before it gets a tile')
      const metrics = computeTile(state.start, state.runner, data.tile)
      scope.postMessage({ kind: 'rows', tile: data.tile, metrics }, [metrics.buffer])
    } catch (error) {
      scope.postMessage(failureOf(error))
    }
  }
}

function computeTile(
  start: StartMessage,
  runner: PointRunner,
  tile: number,
): Float64Array<ArrayBuffer> {
  const points = tilePoints(start, tile)
  if (points.length === 0) return new Float64Array(0)
  // The copy can be transferred; the runner's own result may lie in WebAssembly memory, which cannot.
  const metrics = new Float64Array(runner.runPoints(points))
  const count = points.length / start.grid.axes.length
  invariant(
    metrics.length === count * METRICS.length,
    `the kernel returns ${METRICS.length} metrics a point`,
  )
  return metrics
}

function tilePoints({ grid, tiling, survivors }: StartMessage, tile: number): Float64Array {
  const indices: number[] = []
  forEachPoint(tiling, tile, (index) => {
    if (survives(survivors, index)) indices.push(index)
  })
  const width = grid.axes.length
  const points = new Float64Array(indices.length * width)
  indices.forEach((index, row) => {
    writePoint(grid, index, points, row * width)
  })
  return points
}

function failureOf(error: unknown): FailedMessage {
  const message = error instanceof Error ? error.message : String(error)
  const configCode = error instanceof ConfigError ? error.code : undefined
  return { kind: 'failed', message, configCode }
}
