import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlatformError } from '../core/errors.ts'
import type { Runtime, TextSink } from './runtime.ts'

export interface ProcessRuntime extends Runtime {
  /** Resolves when all that was said has left the process. */
  flush(): Promise<void>
}

/** The runtime of the real process; it ends the process as that is done now, whoever replaces that later. */
export function createProcessRuntime(): ProcessRuntime {
  const exit = process.reallyExit.bind(process)
  const pending = new Set<Promise<void>>()
  return {
    flush: async () => {
      await Promise.allSettled(pending)
    },
    env: process.env,
    cwd: process.cwd(),
    stdout: createSink(process.stdout, pending),
    stderr: createSink(process.stderr, pending),
    now: () => Date.now(),
    elapsed: () => performance.now(),
    random: () => Math.random(),
    version: readVersion(),
    platform: `bun ${Bun.version} ${process.platform}-${process.arch}`,
    crashFolders: [process.cwd(), tmpdir()],
    onSignal(name, listener) {
      process.on(name, listener)
      return () => process.off(name, listener)
    },
    quit: (code) => exit(code),
    writeFile: (path, text) => writeFileSync(path, text),
    appendFile: (path, text) => appendFileSync(path, text),
  }
}

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dir, '..', '..', 'package.json'), 'utf8')
  return JSON.parse(manifest).version
}

/** Waits for each write, and goes quiet once the reader is gone. Writes as the stream does now, whoever replaces that later. */
function createSink(stream: NodeJS.WriteStream, pending: Set<Promise<void>>): TextSink {
  const write = stream.write.bind(stream)
  let isGone = false
  // The callback of the write has the error too; without a listener the event would end the process.
  stream.on('error', (error) => {
    isGone ||= isReaderGone(error)
  })
  return {
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.isTTY ? stream.columns || undefined : undefined
    },
    stream,
    write(text) {
      const written = new Promise<void>((resolve, reject) => {
        if (isGone || text === '') return resolve()
        write(text, (error) => {
          if (!error) return resolve()
          if (!isReaderGone(error)) return reject(cannotWrite(error))
          isGone = true
          resolve()
        })
      })
      pending.add(written)
      const forget = () => pending.delete(written)
      written.then(forget, forget)
      return written
    },
  }
}

function cannotWrite(cause: Error): PlatformError {
  const message = `The output cannot be written: ${cause.message}. Free space or choose another target.`
  return new PlatformError('OUTPUT_FAILED', message, { cause })
}

function isReaderGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
