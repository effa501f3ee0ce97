import { ConfigError, ConnectivityError } from '../../core/errors.ts'
import { type RetryOptions, withRetries } from '../../core/retry.ts'
import type { ReadArchiveFile } from './archive.ts'
import { ArchiveProblem } from './problem.ts'

/** A reply of the server of an archive, whole. */
export interface ArchiveReply {
  readonly status: number
  readonly bytes: Uint8Array
}

/** Requests an address. @throws ConnectivityError when no whole reply arrives */
export type GetBytes = (url: string, signal?: AbortSignal) => Promise<ArchiveReply>

/** How failed requests are repeated. */
export type ArchiveRetries = Pick<RetryOptions, 'policy' | 'clock' | 'random' | 'onRetry'>

/** Returns the root of an archive without a slash at its end. It may be named with `data`, which its files' paths begin with, or without. */
export function archiveRoot(base: URL): string {
  return `${base.origin}${base.pathname}`.replace(/\/+$/, '').replace(/\/data$/, '')
}

/**
 * Returns a reader of the files of a server that has the layout of data.binance.vision. What fails for a passing reason is asked
 * for again; a server that stays away is given up.
 * @throws ConfigError `ARCHIVE_ADDRESS` when the address has a query or a password
 */
export function archiveOnServer(
  base: URL,
  get: GetBytes,
  retries: ArchiveRetries,
): ReadArchiveFile {
  if (base.search !== '' || base.hash !== '' || base.username !== '' || base.password !== '') {
    throw new ConfigError(
      'ARCHIVE_ADDRESS',
      `--from-archive: the address must not have a query or a password, was one of ${base.host}.`,
    )
  }
  const root = archiveRoot(base)
  return async (path, signal) => {
    const url = `${root}/data/${path.split('/').map(encodeURIComponent).join('/')}`
    const reply = await request(() => get(url, signal), { ...retries, signal })
    if (reply.status === 404) return undefined
    if (reply.status === 200) return reply.bytes
    throw new ArchiveProblem('unreadable', `the server answered ${reply.status}`)
  }
}

type RequestOptions = ArchiveRetries & Pick<RetryOptions, 'signal'>

async function request(
  get: () => Promise<ArchiveReply>,
  options: RequestOptions,
): Promise<ArchiveReply> {
  const attempt = async () => {
    const reply = await get()
    if (reply.status === 429 || reply.status >= 500) throw new Unavailable(reply.status)
    return reply
  }
  try {
    return await withRetries(attempt, { ...options, isPassing })
  } catch (error) {
    if (isPassing(error)) throw new ArchiveProblem('unreachable', messageOf(error))
    if (error instanceof ConnectivityError) throw new ArchiveProblem('unreadable', messageOf(error))
    throw error
  }
}

class Unavailable extends Error {
  constructor(status: number) {
    super(`the server answered ${status}`)
  }
}

const PASSING = new Set(['EXCHANGE_UNREACHABLE', 'EXCHANGE_TIMEOUT'])

function isPassing(error: unknown): boolean {
  return (
    error instanceof Unavailable || (error instanceof ConnectivityError && PASSING.has(error.code))
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
