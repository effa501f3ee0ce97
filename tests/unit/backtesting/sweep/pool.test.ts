import { describe, expect, test } from 'bun:test'
import {
  type PoolRequest,
  runTiles,
  type SweepWorker,
} from '../../../../src/backtesting/sweep/pool.ts'
import type { StartMessage, ToWorker } from '../../../../src/backtesting/sweep/protocol.ts'

type Respond = (tile: number, worker: ScriptedWorker) => void

/** A worker in this thread that answers as a script says, one tile at a time and never at once. */
class ScriptedWorker extends EventTarget implements SweepWorker {
  readonly #respond: Respond
  #ended = false
  waiting = 0
  waitingMax = 0

  constructor(respond: Respond) {
    super()
    this.#respond = respond
  }

  postMessage(message: ToWorker): void {
    if (message.kind === 'start') return
    this.waitingMax = Math.max(this.waitingMax, ++this.waiting)
    setTimeout(() => {
      if (!this.#ended) this.#respond(message.tile, this)
    }, 1)
  }

  answer(tile: number): void {
    this.waiting--
    const data = { kind: 'rows', tile, metrics: Float64Array.of(tile) }
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  terminate(): void {
    if (this.#ended) return
    this.#ended = true
    this.dispatchEvent(new CloseEvent('close', { code: 0 }))
  }

  get isEnded(): boolean {
    return this.#ended
  }
}

function poolOf(respond: Respond, overrides: Partial<PoolRequest> = {}) {
  const workers: ScriptedWorker[] = []
  const rows: number[] = []
  const retries: number[] = []
  const request: PoolRequest = {
    tiles: 10,
    workers: 2,
    // The pool only passes it on.
    start: { kind: 'start' } as StartMessage,
    createWorker: () => {
      const worker = new ScriptedWorker(respond)
      workers.push(worker)
      return worker
    },
    onRows: (tile) => rows.push(tile),
    onRetry: (tile) => retries.push(tile),
    describeTile: (tile) => `Tile ${tile}`,
    ...overrides,
  }
  return { outcome: runTiles(request), workers, rows, retries }
}

const sorted = (tiles: readonly number[]) => tiles.toSorted((a, b) => a - b)

describe('a pool of workers', () => {
  test('hands out every tile once, at most two at a time to each, and ends them all', async () => {
    const pool = poolOf((tile, worker) => worker.answer(tile))
    expect(await pool.outcome).toEqual({ kind: 'done' })
    expect(sorted(pool.rows)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(pool.workers).toHaveLength(2)
    expect(pool.workers.map((worker) => worker.waitingMax)).toEqual([2, 2])
    expect(pool.workers.every((worker) => worker.isEnded)).toBe(true)
  })

  test('starts no more workers than there are tiles', async () => {
    const pool = poolOf((tile, worker) => worker.answer(tile), { tiles: 3, workers: 8 })
    await pool.outcome
    expect(pool.workers).toHaveLength(3)
  })

  test('blames the tile in work for a death, not the one waiting behind it', async () => {
    const deaths = [3, 6]
    const pool = poolOf((tile, worker) => {
      const death = deaths.indexOf(tile)
      if (death === -1) worker.answer(tile)
      else {
        deaths.splice(death, 1)
        worker.terminate()
      }
    })
    expect(await pool.outcome).toEqual({ kind: 'done' })
    expect(sorted(pool.retries)).toEqual([3, 6])
    expect(sorted(pool.rows)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(pool.workers).toHaveLength(4)
  })

  test('fails with the name of a tile that ends two workers', async () => {
    const pool = poolOf((tile, worker) => (tile === 4 ? worker.terminate() : worker.answer(tile)))
    const outcome = await pool.outcome
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'WORKER_FAILED' } })
    expect(String((outcome as { error: Error }).error.message)).toBe(
      'Tile 4 failed on two workers: the worker ended with code 0',
    )
    expect(pool.rows).not.toContain(4)
    expect(pool.workers.every((worker) => worker.isEnded)).toBe(true)
  })

  test('stops handing out when interrupted and keeps what was in flight', async () => {
    const stop = new AbortController()
    const pool = poolOf(
      (tile, worker) => {
        if (tile === 2) stop.abort()
        worker.answer(tile)
      },
      { signal: stop.signal },
    )
    expect(await pool.outcome).toEqual({ kind: 'interrupted' })
    expect(pool.rows).toContain(2)
    expect(pool.rows.length).toBeLessThan(7)
  })

  test('does not wait for ever for a worker that hangs after an interruption', async () => {
    const stop = new AbortController()
    const pool = poolOf((tile, worker) => (tile < 5 ? worker.answer(tile) : stop.abort()), {
      signal: stop.signal,
      drainMsMax: 20,
    })
    expect(await pool.outcome).toEqual({ kind: 'interrupted' })
    expect(sorted(pool.rows)).toEqual([0, 1, 2, 3, 4])
    expect(pool.workers.every((worker) => worker.isEnded)).toBe(true)
  })

  test('counts as done when the interruption comes after the last tile', async () => {
    const stop = new AbortController()
    const pool = poolOf((tile, worker) => worker.answer(tile), {
      signal: stop.signal,
      onRows: (tile) => {
        if (tile === 0) stop.abort()
      },
      tiles: 1,
    })
    expect(await pool.outcome).toEqual({ kind: 'done' })
  })

  test('fails when rows cannot be taken in', async () => {
    const error = new Error('disk')
    const pool = poolOf((tile, worker) => worker.answer(tile), {
      onRows: () => {
        throw error
      },
    })
    expect(await pool.outcome).toEqual({ kind: 'failed', error })
  })
})
