import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { documentSchema } from '../../support/documents.ts'

export const ROOT = join(import.meta.dir, '..', '..', '..')
const BUN = process.execPath

/** What a command says of itself: no escapes, no secrets of the machine that runs the tests. */
export const ENV: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:BINANCE_|DB_|PG)/.test(name)),
  ),
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  NO_COLOR: '1',
  CI: '',
  TERM: 'xterm',
}

export interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly ms: number
}

export interface RunOptions {
  /** A project made by `makeProject`; the repository unless given. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Shell text before the command, such as `ulimit -f 8;`. */
  readonly shell?: string
  /** Runs beside the command and gets its process. */
  readonly during?: (child: Child) => Promise<void>
}

export type Child = ReturnType<typeof spawnCrypto>

/** Commands at work at the same time: more of them only wait for each other's cores. */
const AT_ONCE_MAX = 2
let atWork = 0
const waiting: (() => void)[] = []

/** Runs `bun run crypto …` in a process of its own, at most two at a time. Never rejects for what the command does. */
export async function crypto(
  words: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  if (atWork >= AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve))
  else atWork++
  try {
    const startedMs = performance.now()
    const child = spawnCrypto(words, options)
    const during = options.during?.(child)
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
    const code = await child.exited
    await during
    return { code, out, err, ms: performance.now() - startedMs }
  } finally {
    const next = waiting.shift()
    if (next === undefined) atWork--
    else next()
  }
}

function spawnCrypto(words: readonly string[], { cwd = ROOT, env = {}, shell }: RunOptions) {
  const command = [BUN, 'run', 'crypto', ...words]
  const viaShell = ['sh', '-c', `${shell} exec "$@"`, 'sh', ...command]
  return Bun.spawn(shell === undefined ? command : viaShell, {
    cwd,
    env: { ...ENV, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

/** Returns the document of a command that succeeded. @throws Error with everything it said otherwise */
export function documentOf<T>(finished: Finished): Document<T> {
  const { code, out, err } = finished
  if (code !== 0) throw new Error(`exit code ${code}\n${out}\n${err}`)
  return parseDocument(finished)
}

/** Returns the one document on stdout. @throws Error when it is not what its published schema says */
export function parseDocument<T>({ out }: Finished): Document<T> {
  const document = JSON.parse(out)
  const schema = documentSchema(document.schema)
  const [problem] = Value.Errors(schema, document)
  if (problem === undefined) return document
  throw new Error(`${document.schema}: ${JSON.stringify(problem)}`)
}

export interface Document<T> {
  readonly schema: string
  readonly ok: boolean
  readonly run: Readonly<Record<'config' | 'data' | 'kernel', string>>
  readonly result: T
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
}

/** Metrics as in a document: money as decimal strings. */
export type JsonMetrics = Readonly<Record<string, number | string | null>>

export interface SweepDocument {
  readonly sweep: string
  readonly strategy: string
  readonly symbol: string
  readonly interval: string
  readonly combinations: number
  readonly completed: number
  readonly interrupted: boolean
  readonly bars: number
  readonly holes: number
  readonly workers: number
  readonly seconds: number
  readonly bar_combinations_per_second: number
  readonly peak_rss_bytes: number
  readonly digest: string
  readonly eligible: number
  readonly rows_file: string
  readonly manifest_file: string
  readonly top: readonly {
    readonly rank: number
    readonly params: Readonly<Record<string, number>>
    readonly metrics: JsonMetrics
  }[]
}

export interface RunResult {
  readonly rows: readonly {
    readonly backtest: string
    readonly strategy: string
    readonly type: string
    readonly symbol: string
    readonly interval: string
    readonly params: Readonly<Record<string, number>>
    readonly bars: number
    readonly holes: number
    readonly open_position: boolean
    readonly metrics: JsonMetrics
    readonly benchmark: JsonMetrics
  }[]
}

export interface ErrorDocument {
  readonly schema: string
  readonly ok: boolean
  readonly error: {
    readonly code: string
    readonly message: string
    readonly exit_code: number
    readonly problems?: readonly {
      readonly code: string
      readonly message: string
      readonly hint: string | null
    }[]
  }
}

/** A folder of its own with a copy of the shipped configuration, in which `bun run crypto` runs this repository's code. */
export interface Project {
  readonly dir: string
  /** Returns a path inside. */
  path(...parts: string[]): string
  /** Writes a file inside, making its folders. */
  write(path: string, text: string): string
  remove(): void
}

export function makeProject(files: Readonly<Record<string, string>> = {}): Project {
  const dir = mkdtempSync(join(tmpdir(), 'crypto-e2e-'))
  const path = (...parts: string[]) => join(dir, ...parts)
  const write = (name: string, text: string) => {
    mkdirSync(join(dir, name, '..'), { recursive: true })
    writeFileSync(path(name), text)
    return path(name)
  }
  cpSync(join(ROOT, 'config'), path('config'), { recursive: true })
  cpSync(join(ROOT, 'data', 'sample'), path('data', 'sample'), { recursive: true })
  write(
    'package.json',
    JSON.stringify({ scripts: { crypto: `exec "${BUN}" "${ROOT}/src/cli/main.ts"` } }),
  )
  write('bunfig.toml', '[run]\nsilent = true\n')
  for (const [name, text] of Object.entries(files)) write(name, text)
  return { dir, path, write, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

export interface TerminalOptions {
  readonly columns: number
  readonly rows: number
  readonly cwd?: string
  /** Runs beside the command; may look at what came so far and type keys. */
  readonly during?: (terminal: Terminal) => Promise<void>
}

export interface Terminal {
  type(keys: string): void
  /** Everything that came so far. */
  text(): string
  hasEnded(): boolean
}

/** Runs a command in a pseudo-terminal of `script` and returns everything that the terminal was sent. */
export async function inTerminal(
  words: readonly string[],
  { columns, rows, cwd = ROOT, during }: TerminalOptions,
): Promise<{ readonly code: number; readonly text: string }> {
  const command = `stty cols ${columns} rows ${rows}; exec "${BUN}" run crypto ${words.join(' ')}`
  const child = Bun.spawn(['script', '-qec', command, '/dev/null'], {
    cwd,
    env: { ...ENV, NO_COLOR: '' },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let text = ''
  const beside = during?.({
    text: () => text,
    hasEnded: () => child.exitCode !== null,
    type(keys) {
      child.stdin.write(keys)
      child.stdin.flush()
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of child.stdout) text += decoder.decode(chunk, { stream: true })
  const code = await child.exited
  await beside
  await child.stdin.end()
  return { code, text }
}
