import { ConfigError } from '../../core/errors.ts'
import { createArchive } from '../../data/archive/archive.ts'
import { archiveInFolder } from '../../data/archive/folder.ts'
import { type ArchiveRetries, archiveOnServer } from '../../data/archive/server.ts'
import type { ArchiveSource } from '../../data/ingest/archive-pages.ts'
import { isLoopback } from '../../exchanges/transport/allowed-hosts.ts'
import { createTransport } from '../../exchanges/transport/create-transport.ts'
import type { Workspace } from '../workspace.ts'

/** For a whole file: a month of one-minute candles packs to 2 MB. */
const TIMEOUT_MS = 120_000
/** An archive saves time; the exchange has the same candles, so one that stays away is not waited for. */
const RETRIES_MAX = 2

/**
 * Opens an archive that the user names: a folder, or the address of a server with the same layout, which is then the only host that
 * is asked for it.
 * @throws ConfigError `ARCHIVE_FOLDER` when the folder holds no archive, `ARCHIVE_ADDRESS` when the address is none, has a query or
 * a password, or is neither encrypted nor of this machine
 */
export async function openArchive(
  workspace: Workspace,
  place: string,
  retries: ArchiveRetries,
): Promise<ArchiveSource> {
  if (!/^[a-z]+:\/\//i.test(place)) {
    return createArchive(await archiveInFolder(workspace.resolve(place)))
  }
  const url = URL.canParse(place) ? new URL(place) : undefined
  const isFine =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (url === undefined || !isFine) {
    throw new ConfigError(
      'ARCHIVE_ADDRESS',
      '--from-archive: must be a folder or an https:// address (http:// on this machine only).',
    )
  }
  const { fetchBytes } = createTransport({
    exchange: 'archive',
    hosts: [url.host],
    timeoutMs: TIMEOUT_MS,
  })
  const policy = { ...retries.policy, retries: Math.min(RETRIES_MAX, retries.policy.retries) }
  return createArchive(
    archiveOnServer(url, (address, signal) => fetchBytes(address, { signal }), {
      ...retries,
      policy,
    }),
  )
}
