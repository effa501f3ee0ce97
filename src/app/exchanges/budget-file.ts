import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** A database that only this process sees. */
const NOT_SHARED = ':memory:'

/**
 * Returns the file in which all processes of a user keep the rate limits of venues: venues count by address, so it is one
 * for all folders and projects. It lies in a folder of the user's own below a folder that everybody may write to.
 *
 * @param uid -1 where there are no such numbers
 * @param warn told when somebody else made that folder; it is not used then
 */
export function budgetFile(root: string, uid: number, warn: (message: string) => void): string {
  const folder = join(root, uid === -1 ? 'crypto-platform' : `crypto-platform-${uid}`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = lstatSync(folder)
    const isOurs = uid === -1 || (found.uid === uid && (found.mode & 0o022) === 0)
    if (found.isDirectory() && isOurs) return join(folder, 'rate-limits.sqlite')
    warn(notShared(folder, 'it belongs to somebody else, or others may write to it'))
  } catch (error) {
    warn(notShared(folder, (error as Error).message))
  }
  return NOT_SHARED
}

function notShared(folder: string, reason: string): string {
  return `the rate limit is not shared with other processes, because ${folder} cannot be used (${reason}). Run one at a time, or remove it.`
}
