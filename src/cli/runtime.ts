import type { EnvFile } from '../config/env-file.ts'

/** Everything the command line needs of its process. Commands see only this, so they run inside a test as well. */

export interface TextSink {
  readonly isTTY: boolean
  /** Columns of the terminal; undefined when there is none. */
  readonly columns: number | undefined
  /**
   * Resolves when the text has left the process. A reader that went away (EPIPE) is no error: the rest is dropped.
   */
  write(text: string): Promise<void>
  /** The stream behind it, for redrawing in place. */
  readonly stream: NodeJS.WritableStream
}

export type SignalName = 'SIGINT' | 'SIGTERM'

export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>
  /** What of `env` only `.env` of the working folder gave; absent: nothing. */
  readonly envFile?: EnvFile | undefined
  readonly cwd: string
  readonly stdout: TextSink
  readonly stderr: TextSink
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number
  /** A number in [0, 1), not repeatable. */
  readonly random: () => number
  /** Version of this program. */
  readonly version: string
  /** Engine and platform, for crash files: `bun 1.4.5 linux-x64`. */
  readonly platform: string
  /** Directories that a crash file may go to, best first. */
  readonly crashFolders: readonly string[]
  /** @returns a function that stops listening */
  readonly onSignal: (name: SignalName, listener: () => void) => () => void
  /** What a plugin did to the rest of the program, if anything: then no other error is to be believed. */
  readonly tampering?: () => Error | undefined
  /** Ends the process at once, whatever is pending. */
  readonly quit: (code: number) => void
  readonly writeFile: (path: string, text: string) => void
  readonly appendFile: (path: string, text: string) => void
}
