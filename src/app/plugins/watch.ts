import { writeSync } from 'node:fs'
import { PlatformError } from '../../core/errors.ts'
import { runWithin } from './guard.ts'

/** What the watching thread reads: whether code of a plugin runs, and what to say when it does not come back. */
export interface WatchedState {
  /** First a count that grows with each step, odd while code of a plugin may run; then the length of the text. */
  readonly counts: SharedArrayBuffer
  readonly text: SharedArrayBuffer
}

/** What the watching thread is told when it starts. */
export interface WatchOrder extends WatchedState {
  readonly msMax: number
}

const TEXT_BYTES_MAX = 4_096
/** Other limits on the same code say more; they come first. */
const LATER_MS = 500
/** How many turns of the microtask queue belong to a plugin's timer: what it resolves goes on in them. */
const TURNS = 32

interface Watch {
  readonly counts: Int32Array<SharedArrayBuffer>
  readonly text: Uint8Array<SharedArrayBuffer>
  readonly msMax: number
  isStarted: boolean
}

let isAllowed = false
let watch: Watch | undefined
/** Files whose code may run now, the latest last. */
const running: string[] = []
const { queueMicrotask: enqueue, setImmediate: soon } = globalThis
const exit = process.reallyExit.bind(process)

/**
 * Lets plugins be watched: a thread ends the process when the main thread does not come back from a plugin's code, also
 * from a timer or a tick that it asks for while it is loaded. Only the process of a command wants that.
 */
export function allowPluginWatch(): void {
  isAllowed = true
  watchCallbacks(globalThis, ['setTimeout', 'setInterval', 'setImmediate'], leaveAfterTurns)
  // These may follow each other without end, each of them short, and nothing else gets a turn.
  watchCallbacks(globalThis, ['queueMicrotask'], leavePluginSoon)
  watchCallbacks(process, ['nextTick'], leavePluginSoon)
  // What follows a sleep is no callback; by a timer it is.
  const apply = (sleep: typeof Bun.sleep, self: unknown, [until]: Parameters<typeof Bun.sleep>) =>
    running.length === 0
      ? Reflect.apply(sleep, self, [until])
      : new Promise((resolve) =>
          setTimeout(resolve, until instanceof Date ? Number(until) - Date.now() : until),
        )
  Bun.sleep = new Proxy(Bun.sleep, { apply })
}

function watchCallbacks(
  holder: object,
  names: readonly string[],
  leave: (path: string) => void,
): void {
  for (const name of names) {
    const original = Reflect.get(holder, name) as (...values: unknown[]) => unknown
    const apply = (target: typeof original, self: unknown, [callback, ...rest]: unknown[]) =>
      Reflect.apply(target, self, [ofPlugin(callback, leave), ...rest])
    Reflect.set(holder, name, new Proxy(original, { apply }))
  }
}

/** Gets ready to watch, with the first file of a plugin. The limit of that call holds. */
export function watchPlugins(msMax: number): void {
  if (!isAllowed || watch !== undefined) return
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const text = new Uint8Array(new SharedArrayBuffer(TEXT_BYTES_MAX))
  watch = { counts, text, msMax, isStarted: false }
}

/** Starts the thread with the first code that may run later: most plugins leave none, and it takes as long as they do. */
function startThread(): void {
  if (watch === undefined || watch.isStarted) return
  const { counts, text, msMax } = watch
  watch.isStarted = true
  const thread = new Worker(new URL('./watch-worker.ts', import.meta.url))
  thread.unref()
  const order = { counts: counts.buffer, text: text.buffer, msMax: msMax + LATER_MS }
  thread.postMessage(order satisfies WatchOrder)
}

/**
 * Does what a plugin has left for the end of the turn: microtasks and ticks. The thread need not be there for them. A loop is cut
 * off with all that was queued, also by us, so the command ends.
 */
export function finishTurn(drain: () => void, msMax: number): void {
  const path = running.at(-1)
  if (watch === undefined || path === undefined) return
  try {
    runWithin(drain, msMax, 'its turn')
  } catch {
    writeSync(2, heldText(path, msMax))
    exit(1)
  }
}

function heldText(path: string, msMax: number): string {
  return `error: the plugin ${path} did not give the main thread back within ${msMax} ms, so the command was ended.\n`
}

/** Code of a plugin runs from here on: the time that it has begins. */
export function enterPlugin(path: string): void {
  running.push(path)
  step()
}

export function leavePlugin(path: string): void {
  const index = running.lastIndexOf(path)
  if (index !== -1) running.splice(index, 1)
  step()
}

/** The same, once what the plugin wanted done at once has been done. */
export async function leavePluginSoon(path: string): Promise<void> {
  await new Promise((resolve) => soon(resolve))
  leavePlugin(path)
}

/** The code came back: its time begins anew. */
export function step(): void {
  if (watch === undefined) return
  const { counts, text, msMax } = watch
  const path = running.at(-1)
  const before = Atomics.load(counts, 0)
  const isOdd = before % 2 !== 0
  if (path !== undefined) {
    Atomics.store(counts, 1, new TextEncoder().encodeInto(heldText(path, msMax), text).written)
  }
  const wantsOdd = path !== undefined
  Atomics.store(counts, 0, (before + (isOdd === wantsOdd ? 2 : 1)) | 0)
  Atomics.notify(counts, 0)
}

/** Calls code of a plugin that may answer later; watches what it does until it returns. */
export function inPlugin<T>(path: string, work: () => T): T {
  startThread()
  enterPlugin(path)
  try {
    return work()
  } finally {
    leavePlugin(path)
  }
}

/** What a plugin's code hands to a timer is its code as well; what we hand to one is not, however long we work. */
function ofPlugin(callback: unknown, leave: (path: string) => void): unknown {
  const path = running.at(-1)
  if (path === undefined || typeof callback !== 'function') return callback
  startThread()
  return function (this: unknown, ...values: unknown[]) {
    if (running.at(-1) !== path) {
      enterPlugin(path)
      leave(path)
    }
    return Reflect.apply(callback, this, values)
  }
}

function leaveAfterTurns(path: string): void {
  leaveAfter(TURNS, path)
}

function leaveAfter(turns: number, path: string): void {
  enqueue(() => (turns === 0 ? leavePlugin(path) : leaveAfter(turns - 1, path)))
}

/**
 * Waits for an answer of a plugin.
 * @throws PlatformError `PLUGIN_TIMEOUT` when there is none in time
 */
export async function answerOf<T>(
  path: string,
  what: string,
  ask: () => T | Promise<T>,
  msMax: number,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    const message = `The plugin ${path} did not finish ${what} within ${msMax} ms.`
    timer = setTimeout(() => reject(new PlatformError('PLUGIN_TIMEOUT', message)), msMax)
  })
  try {
    return await Promise.race([inPlugin(path, ask), deadline])
  } finally {
    clearTimeout(timer)
  }
}
