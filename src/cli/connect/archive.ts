import { join } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import { createArchive, type ReadArchiveFile } from '../../data/archive/archive.ts'
import { ArchiveProblem } from '../../data/archive/candle-file.ts'
import type { ArchiveSource } from '../../data/ingest/archive-pages.ts'
import { isLoopback } from '../../exchanges/transport/allowed-hosts.ts'
import type { Workspace } from './workspace.ts'

/** A month of one-minute candles packs to 2 MB. */
const FILE_BYTES_MAX = 256 * 1_048_576
const TIMEOUT_MS = 120_000

/**
 * Opens an archive that the user names: a folder, or the address of a server with the same layout.
 * @throws ConfigError `ARCHIVE_ADDRESS` when it is an address that is not encrypted, and not of this machine
 */
export function openArchive(workspace: Workspace, place: string): ArchiveSource {
  if (!/^[a-z]+:\/\//i.test(place)) return createArchive(folderReader(workspace.resolve(place)))
  const url = URL.canParse(place) ? new URL(place) : undefined
  const isFine =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (url === undefined || !isFine) {
    throw new ConfigError(
      'ARCHIVE_ADDRESS',
      '--from-archive: must be a folder or an https:// address (http:// on this machine only).',
    )
  }
  return createArchive(serverReader(url))
}

/** The folder may be the one that holds `data`, as the archive's tool lays it, or `data` itself. */
function folderReader(folder: string): ReadArchiveFile {
  return async (path) => {
    for (const place of [join(folder, 'data', path), join(folder, path)]) {
      const file = Bun.file(place)
      if (!(await file.exists())) continue
      try {
        return await file.bytes()
      } catch (error) {
        throw new ArchiveProblem(`it cannot be read (${reasonOf(error)})`)
      }
    }
    return undefined
  }
}

function serverReader(base: URL): ReadArchiveFile {
  const root = base.href.replace(/\/+$/, '')
  return async (path) => {
    try {
      const reply = await fetch(`${root}/data/${path}`, {
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (reply.status === 404) return undefined
      if (!reply.ok) throw new ArchiveProblem(`the server answered ${reply.status}`)
      const bytes = await reply.bytes()
      if (bytes.length > FILE_BYTES_MAX) throw new ArchiveProblem('it is too large')
      return bytes
    } catch (error) {
      if (error instanceof ArchiveProblem) throw error
      throw new ArchiveProblem(`it could not be fetched (${reasonOf(error)})`)
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
