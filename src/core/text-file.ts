import { lstatSync, readFileSync, statSync } from 'node:fs'
import { ConfigError } from './errors.ts'
import { findSystemFault } from './system-faults.ts'

/** Files that people write have some kilobytes; the time to read one grows with its size. */
const BYTES_MAX = 200_000

/**
 * Returns the text of a file, undefined when there is none.
 * @throws what `unreadable` explains
 */
export function readTextFile(path: string): string | undefined {
  try {
    const { size } = fileStatus(path)
    if (size > BYTES_MAX) {
      throw refusal(`it has ${size} bytes, and ${BYTES_MAX} are the most`, SIZE_REMEDY)
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined
    throw refusal('it is a link that leads nowhere', 'Correct or remove the link.')
  }
}

const SIZE_REMEDY = 'Write ranges ({ from, to, step }) in place of long lists of values.'

function fileStatus(path: string) {
  const status = statSync(path)
  if (status.isFile()) return status
  const what = status.isDirectory() ? 'a folder' : 'a device, a pipe or a socket'
  throw refusal(`it is ${what}, not a file`, 'Put a file of YAML in its place.')
}

function refusal(message: string, remedy: string): ConfigError {
  return new ConfigError('CONFIG_UNREADABLE', message, { context: { remedy } })
}

export interface Unreadable {
  readonly reason: string
  readonly remedy: string
}

/** Says why a file could not be read, and what to do. */
export function unreadable(error: unknown): Unreadable {
  if (error instanceof ConfigError) {
    return { reason: error.message, remedy: String(error.context.remedy) }
  }
  if (error instanceof TypeError) {
    return { reason: 'it is not UTF-8', remedy: 'Save it as UTF-8; check that it is text.' }
  }
  const fault = findSystemFault(error)
  if (fault !== undefined) return { reason: fault.reason, remedy: fault.advice }
  return { reason: (error as Error).message, remedy: 'Make it readable, or remove it.' }
}
