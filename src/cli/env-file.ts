import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type EnvFile, type EnvFileFault, parseEnvFile } from '../config/env-file.ts'

const FILE = '.env'
const BYTES_MAX = 1_000_000

type Variables = Record<string, string | undefined>

/**
 * Adds what `.env` of the working folder says to the variables: those that the environment has stay as they are.
 * A file that cannot be read, or a line of it, becomes a problem of the configuration.
 */
export function applyEnvFile(variables: Variables, cwd: string): EnvFile {
  const { text, fault } = readEnvFile(join(cwd, FILE))
  if (text === undefined) return { file: FILE, values: new Map(), faults: fault ? [fault] : [] }
  const { values, faults } = parseEnvFile(text)
  const added = new Map([...values].filter(([name]) => !Object.hasOwn(variables, name)))
  for (const [name, { value }] of added) variables[name] = value
  return { file: FILE, values: added, faults }
}

function readEnvFile(path: string): { readonly text?: string; readonly fault?: EnvFileFault } {
  const refuse = (message: string) => ({ fault: { line: 1, message } })
  try {
    const status = statSync(path, { throwIfNoEntry: false })
    if (status === undefined) return {}
    if (!status.isFile()) return refuse('is no file. Remove it, or put NAME=value lines into one.')
    if (status.size > BYTES_MAX) return refuse(`has more than ${BYTES_MAX} bytes.`)
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) }
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message
    return refuse(`cannot be read: ${reason}.`)
  }
}

/** The files that Bun reads by itself, other than ours in what they mean. */
const BUNS_FILES = ['', '.development', '.production', '.test'].flatMap((mode) => [
  `${FILE}${mode}`,
  `${FILE}${mode}.local`,
])

/**
 * Takes out what Bun has put there from files of the working folder, which it does wherever neither `bunfig.toml` of that folder
 * nor `--no-env-file` forbids it: it replaces `$NAME` also between single quotes, and reads `.env.local` and others.
 * The kernel knows the environment that the process was started with; where there is no `/proc`, the start by
 * `bun run crypto` has to do. What `--env-file` names was asked for and stays.
 */
export function dropBunsFiles(
  variables: Variables,
  cwd: string,
  execArgv: readonly string[],
): void {
  if (execArgv.some((word) => /^--(?:no-)?env-file(?:$|=)/.test(word))) return
  if (!BUNS_FILES.some((file) => existsSync(join(cwd, file)))) return
  const started = startedWith()
  if (started === undefined) return
  for (const name of Object.keys(variables)) if (!started.has(name)) delete variables[name]
}

function startedWith(): ReadonlySet<string> | undefined {
  try {
    const lines = readFileSync('/proc/self/environ', 'utf8').split('\0')
    return new Set(lines.map((line) => line.slice(0, line.indexOf('='))))
  } catch {
    return undefined
  }
}
