import { dlopen } from 'bun:ffi'
import { writeSync } from 'node:fs'
import type { WatchOrder } from './watch.ts'

declare const self: { onmessage: (event: { readonly data: WatchOrder }) => void }

/** A process that was stopped and goes on has lost one slice of its time, not all. */
const SLICE_MS = 100

/**
 * Entry point of the thread that watches plugins. It sleeps until one runs, and ends the process when the main thread
 * does not come back: a loop there stops timers, signals and the exit of a worker alike.
 */
self.onmessage = ({ data: { counts, text, msMax } }) => {
  const cells = new Int32Array(counts)
  for (;;) {
    const count = Atomics.load(cells, 0)
    if (count % 2 === 0) Atomics.wait(cells, 0, count)
    else if (!changesWithin(cells, count, msMax)) {
      writeSync(2, new Uint8Array(text).slice(0, Atomics.load(cells, 1)))
      endProcess()
    }
  }
}

function changesWithin(cells: Int32Array, count: number, msMax: number): boolean {
  for (let left = msMax; left > 0; left -= SLICE_MS) {
    if (Atomics.wait(cells, 0, count, SLICE_MS) !== 'timed-out') return true
  }
  return Atomics.load(cells, 0) !== count
}

/** `process.exit` of a thread ends only the thread. */
function endProcess(): void {
  const library = process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6'
  try {
    dlopen(library, { _exit: { args: ['int'], returns: 'void' } }).symbols._exit(1)
  } catch {
    process.kill(process.pid, 'SIGKILL')
  }
}
