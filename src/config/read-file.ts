import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'

/** Files that people write have some kilobytes; the time to read one grows with its size. */
const BYTES_MAX = 500_000

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
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
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

const REASONS: Readonly<Record<string, Unreadable>> = {
  EACCES: {
    reason: 'permission denied',
    remedy: 'Allow reading it (chmod u+r), and its folders (chmod u+rx).',
  },
  EPERM: { reason: 'permission denied', remedy: 'Allow reading it, or run as its owner.' },
  ELOOP: { reason: 'it is a link that leads back to itself', remedy: 'Point the link at a file.' },
  EIO: { reason: 'the disk reports an error', remedy: 'Check the disk.' },
  ENAMETOOLONG: { reason: 'its name is too long', remedy: 'Give a shorter --config-dir.' },
}

/** Says why a file could not be read, and what to do. */
export function unreadable(error: unknown): Unreadable {
  if (error instanceof ConfigError) {
    return { reason: error.message, remedy: String(error.context.remedy) }
  }
  if (error instanceof TypeError) {
    return { reason: 'it is not UTF-8', remedy: 'Save it as UTF-8; check that it is text.' }
  }
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? { reason: message, remedy: 'Make it readable, or remove it.' }
}
