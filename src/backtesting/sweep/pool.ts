import { ConfigError, PlatformError } from '../../core/errors.ts'
import { TILES_IN_FLIGHT } from './estimate.ts'
import type { FromWorker, StartMessage, ToWorker } from './protocol.ts'

/** How long tiles in flight may take after an interruption, and workers to end. */
const DRAIN_MS_MAX = 10_000
const CLOSE_MS_MAX = 2_000
/** A tile is given to a fresh worker once; then the sweep fails. */
const ATTEMPTS_MAX = 2

/** The part of a Web Worker that the pool uses; Bun's `Worker` has it, `close` event included. */
export interface SweepWorker {
  postMessage(message: ToWorker): void
  terminate(): void
  addEventListener(type: 'message' | 'error' | 'close', listener: (event: Event) => void): void
}

export interface PoolRequest {
  readonly tiles: number
  readonly workers: number
  readonly start: StartMessage
  readonly createWorker: () => SweepWorker
  /** Takes the rows of a tile, called once per tile. An error thrown here ends the run as failed. */
  readonly onRows: (tile: number, metrics: Float64Array) => void
  /** Tells that a tile is computed again, and why. */
  readonly onRetry: (tile: number, reason: string) => void
  /** Names a tile for messages. */
  readonly describeTile: (tile: number) => string
  readonly signal?: AbortSignal | undefined
  readonly drainMsMax?: number
}

export type PoolOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Computes all tiles on workers and ends with every worker terminated, whatever happened: all done, interrupted by the
 * signal (tiles in flight are waited for, within bounds), or failed because a tile ended two workers.
 */
export async function runTiles(request: PoolRequest): Promise<PoolOutcome> {
  const pool = new Pool(request)
  const outcome = await pool.run()
  await pool.close()
  return outcome
}

interface Slot {
  readonly worker: SweepWorker
  /** Tiles posted and not answered, in the order in which the worker takes them. */
  readonly inFlight: number[]
  /** Has answered once. Until then it holds one tile only, so that a death is blamed on the tile that caused it. */
  isProven: boolean
  readonly closed: Promise<void>
}

class Pool {
  readonly #request: PoolRequest
  readonly #slots = new Set<Slot>()
  readonly #closing: Promise<void>[] = []
  readonly #retries: number[] = []
  readonly #attempts = new Map<number, number>()
  readonly #outcome = Promise.withResolvers<PoolOutcome>()
  #nextTile = 0
  #draining = false
  #ended = false

  constructor(request: PoolRequest) {
    this.#request = request
  }

  async run(): Promise<PoolOutcome> {
    const { signal, workers, tiles } = this.#request
    const onAbort = () => this.#drain()
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) this.#drain()
    for (let i = 0; i < Math.min(workers, tiles) && !this.#draining; i++) this.#addWorker()
    this.#endWhenIdle()
    const outcome = await this.#outcome.promise
    signal?.removeEventListener('abort', onAbort)
    return outcome
  }

  /** Terminates the workers that are left and waits a bounded time until they are gone. */
  async close(): Promise<void> {
    for (const slot of this.#slots) this.#retire(slot)
    await withinMs(Promise.all(this.#closing), CLOSE_MS_MAX)
  }

  #addWorker(): void {
    const closed = Promise.withResolvers<void>()
    let worker: SweepWorker
    try {
      worker = this.#request.createWorker()
    } catch (error) {
      this.#end({ kind: 'failed', error })
      return
    }
    const slot: Slot = { worker, inFlight: [], isProven: false, closed: closed.promise }
    this.#slots.add(slot)
    worker.addEventListener('message', (event) =>
      this.#onMessage(slot, (event as MessageEvent<FromWorker>).data),
    )
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.#onDeath(slot, firstErrorLine((event as ErrorEvent).message))
    })
    worker.addEventListener('close', (event) => {
      closed.resolve()
      this.#onDeath(slot, `the worker ended with code ${(event as CloseEvent).code}`)
    })
    worker.postMessage(this.#request.start)
    this.#feed(slot)
  }

  #feed(slot: Slot): void {
    const tilesMax = slot.isProven ? TILES_IN_FLIGHT : 1
    while (!this.#draining && slot.inFlight.length < tilesMax) {
      const tile = this.#takeTile()
      if (tile === undefined) return
      slot.inFlight.push(tile)
      slot.worker.postMessage({ kind: 'tile', tile })
    }
  }

  #takeTile(): number | undefined {
    const retry = this.#retries.shift()
    if (retry !== undefined) return retry
    return this.#nextTile < this.#request.tiles ? this.#nextTile++ : undefined
  }

  #onMessage(slot: Slot, message: FromWorker): void {
    if (this.#ended || !this.#slots.has(slot)) return
    if (message.kind === 'failed') {
      if (message.configCode === undefined) this.#onDeath(slot, message.message)
      else
        this.#end({
          kind: 'failed',
          error: this.#configError(slot, message.configCode, message.message),
        })
      return
    }
    slot.isProven = true
    slot.inFlight.splice(slot.inFlight.indexOf(message.tile), 1)
    try {
      this.#request.onRows(message.tile, message.metrics)
    } catch (error) {
      this.#end({ kind: 'failed', error })
      return
    }
    this.#feed(slot)
    this.#endWhenIdle()
  }

  /** Replaces a worker that threw or ended. The tile it was working on counts an attempt, the one waiting does not. */
  #onDeath(slot: Slot, reason: string): void {
    if (this.#ended || !this.#slots.has(slot)) return
    this.#retire(slot)
    const [culprit, ...waiting] = slot.inFlight
    this.#retries.push(...waiting)
    if (culprit !== undefined && !this.#draining) this.#retry(culprit, reason)
    this.#endWhenIdle()
  }

  #retry(tile: number, reason: string): void {
    const attempts = (this.#attempts.get(tile) ?? 0) + 1
    this.#attempts.set(tile, attempts)
    if (attempts >= ATTEMPTS_MAX) {
      this.#end({ kind: 'failed', error: this.#tileError(tile, reason) })
      return
    }
    this.#retries.unshift(tile)
    this.#request.onRetry(tile, reason)
    this.#addWorker()
  }

  #retire(slot: Slot): void {
    this.#slots.delete(slot)
    this.#closing.push(slot.closed)
    slot.worker.terminate()
  }

  #drain(): void {
    this.#draining = true
    this.#endWhenIdle()
    const bound = this.#request.drainMsMax ?? DRAIN_MS_MAX
    const timer = setTimeout(() => this.#end({ kind: 'interrupted' }), bound)
    void this.#outcome.promise.then(() => clearTimeout(timer))
  }

  #endWhenIdle(): void {
    if ([...this.#slots].some((slot) => slot.inFlight.length > 0)) return
    const isDone = this.#nextTile >= this.#request.tiles && this.#retries.length === 0
    if (isDone) this.#end({ kind: 'done' })
    else if (this.#draining) this.#end({ kind: 'interrupted' })
  }

  #end(outcome: PoolOutcome): void {
    this.#ended = true
    this.#outcome.resolve(outcome)
  }

  #configError(slot: Slot, code: string, message: string): ConfigError {
    const [tile] = slot.inFlight
    const where = tile === undefined ? '' : `${this.#request.describeTile(tile)}: `
    return new ConfigError(code, `${where}${message}`, { context: { tile } })
  }

  #tileError(tile: number, reason: string): PlatformError {
    return new PlatformError(
      'WORKER_FAILED',
      `${this.#request.describeTile(tile)} failed on two workers: ${reason}`,
      { context: { tile, reason } },
    )
  }
}

/** Bun reports a worker's error with its source lines; the line that names the error is enough. */
function firstErrorLine(message: string): string {
  const line = message.split('\n').find((text) => /^\s*(error|\w*Error)\b/.test(text))
  return (line ?? message.split('\n')[0] ?? '').trim()
}

async function withinMs(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
