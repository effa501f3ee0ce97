type Chunk = string | ArrayBuffer | NodeJS.ArrayBufferView

/**
 * Sends what plugins print to `write`, by any method of the console and by `process.stdout` and `process.stderr`: between the
 * characters of a JSON document on stdout it would break it, and it may hold secrets. Who wants to write there himself has
 * to keep the streams' own `write` from before.
 */
export function divertPluginOutput(write: (text: string) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    // What has been ended stays open, as in Node: the result is still to come.
    Object.assign(stream, { write: chunkWriter(write), end: chunkWriter(write) })
  }
  // Loaded by the first plugin that prints, which is seldom.
  let printer: Omit<Console, 'write'> | undefined
  const own: Readonly<Record<string, (...values: unknown[]) => unknown>> = {
    // The rest of the screen is not a plugin's, and a heap has all secrets.
    clear() {},
    takeHeapSnapshot() {},
    trace: (...values) =>
      console.error(`Trace: ${String(values[0])}`, ...values.slice(1), new Error().stack),
    write: (...chunks) => {
      const text = chunks.map((chunk) => textOf(chunk as Chunk)).join('')
      write(text)
      return Buffer.byteLength(text)
    },
  }
  for (const [name, method] of Object.entries(console)) {
    if (typeof method !== 'function' || name === 'Console') continue
    const print = (...values: unknown[]) => {
      printer ??= createPrinter()
      return (Reflect.get(printer as Omit<Console, 'write'>, name) as typeof method)(...values)
    }
    Reflect.set(console, name, print)
  }
  Object.assign(console, own)
}

/** Prints each text by one call of `write` and as a whole, so that a secret is never cut in two. */
function createPrinter(): Omit<Console, 'write'> {
  const { Console } = process.getBuiltinModule('node:console')
  const { stderr } = process
  const inspectOptions = { maxStringLength: Number.POSITIVE_INFINITY }
  return new Console({ stdout: stderr, stderr, colorMode: false, inspectOptions })
}

/** Returns the `write` of a stream: of a chunk, optionally its encoding, optionally what to call afterwards. */
function chunkWriter(write: (text: string) => void) {
  return (...values: readonly unknown[]): boolean => {
    const isDone = (value: unknown) => typeof value === 'function'
    const [chunk = '', encoding] = values.filter((value) => !isDone(value))
    write(textOf(chunk as Chunk, encoding as BufferEncoding | undefined))
    const done = values.find(isDone)
    if (done !== undefined) process.nextTick(done as () => void)
    return true
  }
}

function textOf(chunk: Chunk, encoding?: BufferEncoding): string {
  if (typeof chunk !== 'string') return new TextDecoder().decode(chunk)
  return encoding === undefined ? chunk : Buffer.from(chunk, encoding).toString()
}
