import { lstatSync, realpathSync, type Stats } from 'node:fs'
import { ConfigError } from './errors.ts'
import { findSystemFault } from './system-faults.ts'

/**
 * Refuses a place for a file that a user names, unless it is free or a plain file, which is replaced as a whole. What is written through
 * a link changes a file that nobody named; a pipe or a device takes no file. Whoever means the file behind a link names that, or asks for it (`behindLinks`).
 * @throws ConfigError `OUTPUT_LINK`, `OUTPUT_FOLDER` or `OUTPUT_DEVICE`
 */
export function checkTarget(path: string): void {
  const found = statOf(path)
  if (found === undefined || found.isFile()) return
  const context = { path }
  if (found.isSymbolicLink()) {
    const target = targetOf(path)
    const behind = target === undefined ? 'to nothing' : `to ${target}`
    const named = target === undefined ? 'another name' : 'that name'
    const message = `${path}: is a link ${behind}. Files are not written through links unless asked (data export --follow-links): give ${named}, or remove the link.`
    throw new ConfigError('OUTPUT_LINK', message, { context: { ...context, target } })
  }
  if (found.isDirectory()) {
    throw new ConfigError(
      'OUTPUT_FOLDER',
      `${path}: is a folder, where a file is to be written. Give the name of a file in it.`,
      { context },
    )
  }
  throw new ConfigError(
    'OUTPUT_DEVICE',
    `${path}: is a pipe or a device, where a file is to be written. Write a file, and copy it from there.`,
    { context },
  )
}

/** What cannot be looked at is for the writer to say. */
function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (findSystemFault(error) === undefined) throw error
    return undefined
  }
}

/** Returns where a path leads; the path itself where that is nowhere. */
export function behindLinks(path: string): string {
  return targetOf(path) ?? path
}

function targetOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
