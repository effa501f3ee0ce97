import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlatformError } from '../core/errors.ts'
import { applyEnvFile, dropBunsFiles } from './env-file.ts'
import type { Runtime, TextSink } from './runtime.ts'

export interface ProcessRuntime extends Runtime {
  /** Resolves when all that was said has left the process. */
  flush(): Promise<void>
}

/** The runtime of the real process; it ends the process as that is done now, whoever replaces that later. */
export function createProcessRuntime(): ProcessRuntime {
  const exit = process.reallyExit.bind(process)
  const pending = new Set<Promise<void>>()
  dropBunsFiles(process.env, process.cwd(), process.execArgv)
  const envFile = applyEnvFile(process.env, process.cwd())
  return {
    flush: async () => {
      await Promise.allSettled(pending)
    },
    env: process.env,
    envFile,
    cwd: process.cwd(),
    stdout: createSink(process.stdout, 'result', pending),
    stderr: createSink(process.stderr, 'messages', pending),
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
    appendFile: appendToFile,
  }
}

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dir, '..', '..', 'package.json'), 'utf8')
  return JSON.parse(manifest).version
}

/**
 * Waits for each write, and goes quiet once the reader is gone. Writes as the stream does now, whoever replaces that later.
 * @param carries a result that cannot be written is a failure; messages that cannot be are no reason to stop what they tell of
 * @param pending holds the writes that have not left the process
 */
function createSink(
  stream: NodeJS.WriteStream,
  carries: 'result' | 'messages',
  pending: Set<Promise<void>>,
): TextSink {
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
          if (carries === 'result' && !isReaderGone(error)) return reject(cannotWrite(error))
          isGone ||= isReaderGone(error)
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

/**
 * Appends to a plain file, or one that is not there yet. A pipe would hold the program until somebody reads it.
 * @throws Error with the code `NOT_A_FILE` for anything else
 */
function appendToFile(path: string, text: string): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there !== undefined && !there.isFile()) {
    throw Object.assign(new Error('it is no plain file'), { code: 'NOT_A_FILE' })
  }
  // Opened also for an empty text: that is how it is found out whether it can be.
  const file = openSync(path, 'a')
  try {
    if (text !== '') writeFileSync(file, text)
  } finally {
    closeSync(file)
  }
}

function cannotWrite(cause: Error): PlatformError {
  const message = `The output cannot be written: ${cause.message}. Free space or choose another target.`
  return new PlatformError('OUTPUT_FAILED', message, { cause })
}

function isReaderGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
