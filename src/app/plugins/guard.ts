/** What plugins must not change: the rest of the program stands on it. */
const WATCHED = [
  'Object Function Array String Number Boolean Symbol BigInt Math JSON Reflect Promise Map Set WeakMap WeakSet Date',
  'RegExp Error TypeError RangeError ArrayBuffer DataView Float64Array Int32Array Uint8Array Uint32Array Atomics Proxy',
].flatMap((line) => line.split(' '))
const GLOBAL_NAMES = [
  ...WATCHED,
  ...'parseInt parseFloat isNaN isFinite structuredClone fetch setTimeout setInterval'.split(' '),
  ...'clearTimeout clearInterval setImmediate queueMicrotask console process'.split(' '),
  ...'Worker URL TextEncoder TextDecoder WebAssembly Bun'.split(' '),
]
/** Not `emit` and `reallyExit`: the panel that redraws in place hooks into those, to show the cursor again at any end. */
const PROCESS_NAMES = ['exit', 'abort', 'kill', 'on', 'nextTick', 'hrtime']

interface Watched {
  readonly label: string
  readonly object: object
  readonly names: readonly PropertyKey[]
  readonly values: readonly PropertyDescriptor[]
  /** Whether a new property is a change too: every object has those of prototypes. */
  readonly isClosed: boolean
}

// Kept from before any plugin: what checks must not use what is checked.
const { getOwnPropertyDescriptor, defineProperty, is } = Object
const { ownKeys, deleteProperty } = Reflect
const { getBuiltinModule } = process

/** Knows how the built-in objects are before the first plugin, and puts back what one changes. */
export class Builtins {
  readonly #watched: Watched[] = []

  constructor() {
    const scope = globalThis as unknown as Record<string, object>
    this.#watch('globalThis', globalThis, GLOBAL_NAMES)
    this.#watch('process', process, PROCESS_NAMES)
    this.#watch('process.stdout', process.stdout, ['write', 'end'])
    this.#watch('process.stderr', process.stderr, ['write', 'end'])
    this.#watch('console', console, ownKeys(console))
    this.#watch('Bun', Bun, ['file', 'write', 'spawn', 'spawnSync', 'hash'])
    this.#watch('WebAssembly', WebAssembly, ownKeys(WebAssembly))
    for (const name of WATCHED) {
      const object = scope[name] as { readonly prototype?: object }
      this.#watch(name, object, ownKeys(object))
      const { prototype } = object
      if (prototype !== undefined) {
        this.#watch(`${name}.prototype`, prototype, ownKeys(prototype), true)
      }
    }
  }

  #watch(label: string, object: object, names: readonly PropertyKey[], isClosed = false): void {
    const found = names.filter((name) => getOwnPropertyDescriptor(object, name) !== undefined)
    const values = found.map((name) => getOwnPropertyDescriptor(object, name) as PropertyDescriptor)
    this.#watched.push({ label, object, names: found, values, isClosed })
  }

  /** Puts back what was changed and returns the name of the first, such as `JSON.stringify`. */
  restore(): string | undefined {
    let changed: string | undefined
    for (let i = 0; i < this.#watched.length; i++) {
      const found = restoreOne(this.#watched[i] as Watched)
      if (changed === undefined) changed = found
    }
    return changed
  }
}

function restoreOne({ label, object, names, values, isClosed }: Watched): string | undefined {
  let changed: string | undefined
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as PropertyKey
    const wanted = values[i] as PropertyDescriptor
    const now = getOwnPropertyDescriptor(object, name)
    if (now !== undefined && is(now.value, wanted.value) && now.get === wanted.get) continue
    changed = `${label}.${String(name)}`
    try {
      defineProperty(object, name, wanted)
    } catch {
      // What cannot be put back is told all the same.
    }
  }
  if (!isClosed) return changed
  const keys = ownKeys(object)
  if (keys.length === names.length) return changed
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey
    let isKnown = false
    for (let j = 0; j < names.length; j++) if (names[j] === key) isKnown = true
    if (isKnown) continue
    changed = `${label}.${String(key)}`
    deleteProperty(object, key)
  }
  return changed
}

const RUN = '__crypto_run_plugin__'

/**
 * Calls code of a plugin and ends it after a time, also in the middle of a loop.
 * @throws Error that says so
 */
export function runWithin<T>(work: () => T, msMax: number, what: string): T {
  let outcome: { readonly result: T } | undefined
  const scope = globalThis as unknown as Record<string, unknown>
  scope[RUN] = () => {
    outcome = { result: work() }
  }
  try {
    const { runInThisContext } = getBuiltinModule('node:vm')
    runInThisContext(`${RUN}()`, { timeout: msMax })
  } catch (error) {
    if ((error as { readonly code?: unknown } | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw error
    throw new Error(`${what} did not finish within ${msMax} ms`)
  } finally {
    delete scope[RUN]
  }
  if (outcome === undefined) throw new Error(`${what} did not finish`)
  return outcome.result
}

let builtins: Builtins | undefined
const pluginFiles: string[] = []

/** Remembers how things are, before the first plugin is loaded. */
export function rememberBuiltins(): Builtins {
  builtins ??= new Builtins()
  return builtins
}

export function rememberPlugin(path: string): void {
  pluginFiles.push(path)
}

/** The built-in object that a plugin changed since it was loaded; it is put back. */
export function changedBuiltin(): string | undefined {
  return builtins?.restore()
}

/** The plugins that an error which nobody waited for may come from; none when it is not theirs. */
export function culpritsOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? String(error.stack) : undefined
  // Without a frame nobody can tell, and only a plugin takes the frames away.
  if (stack === undefined || !/^ +at /m.test(stack)) return pluginFiles
  const found = pluginFiles.filter((path) => stack.includes(path))
  // A tail call leaves no frame of the plugin, and nobody else ends the process this way.
  return found.length === 0 && error instanceof ExitRefused ? pluginFiles : found
}

/** The plugins that were loaded, for a message about any of them. */
export function loadedPluginFiles(): readonly string[] {
  return pluginFiles
}

class ExitRefused extends Error {}

/** Makes the ways to end the process an error for everybody; who may end it keeps them from before. */
export function forbidExit(): void {
  const refuse =
    (name: string, rule = 'end itself') =>
    (value?: unknown) => {
      const given = value === undefined ? '' : String(value)
      throw new ExitRefused(`it calls process.${name}(${given}), and only the command may ${rule}`)
    }
  const kill = process.kill.bind(process)
  Object.assign(process, {
    exit: refuse('exit'),
    reallyExit: refuse('reallyExit'),
    abort: refuse('abort'),
    _kill: refuse('_kill'),
    chdir: refuse('chdir', 'choose its folder'),
    kill: (pid: number, signal?: NodeJS.Signals | number) =>
      pid === process.pid && signal !== 0 ? refuse('kill')(pid) : kill(pid, signal),
  })
}
