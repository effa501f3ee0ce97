import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSettings } from '../../data/timescale/index.ts'

/** What an entry of a password file is for. */
export type PasswordPlace = Pick<DatabaseSettings, 'host' | 'port' | 'name' | 'user'>

/** Returns where libpq looks for passwords: the file that PGPASSFILE names, or `~/.pgpass`. */
export function passwordFilePath(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (env.PGPASSFILE) return env.PGPASSFILE
  return env.HOME ? join(env.HOME, '.pgpass') : undefined
}

/**
 * Returns the password that a password file has for a database. That there is no file is no error. As with libpq, one that is
 * not a plain file, or that others may read, is ignored.
 * @param note told why a file is ignored
 */
export function readPasswordFile(
  path: string,
  place: PasswordPlace,
  note: (message: string) => void,
): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    const fault = faultOf(stat)
    if (fault === undefined) return findPassword(readFileSync(path, 'utf8'), place)
    note(`the password file ${path} is ignored: ${fault}`)
  } catch (error) {
    note(`the password file ${path} is ignored: ${(error as Error).message}`)
  }
  return undefined
}

function faultOf(stat: { readonly mode: number; isFile(): boolean }): string | undefined {
  if (!stat.isFile()) return 'it is not a plain file'
  if ((stat.mode & 0o077) !== 0) return 'others have access to it. Run chmod 600 on it'
  return undefined
}

const FIELD = String.raw`((?:\\.|[^:\\])*)`
/** Host, port, database, user; then the password, which an unescaped colon ends as well. */
const ENTRY = new RegExp(String.raw`^${FIELD}:${FIELD}:${FIELD}:${FIELD}:((?:\\.|[^:])*)`, 's')

/**
 * Returns the password of the first entry for a database, by the rules of libpq:
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 *
 * @example findPassword('*:5432:*:me:hush', { host: 'db', port: 5432, name: 'crypto', user: 'me' }) // 'hush'
 */
export function findPassword(
  text: string,
  { host, port, name, user }: PasswordPlace,
): string | undefined {
  const wanted = [host, `${port}`, name, user]
  for (const line of text.split(/\r?\n/)) {
    const [, ...fields] = line.startsWith('#') ? [] : (ENTRY.exec(line) ?? [])
    const password = fields.pop()
    const isFor = fields.every((field, i) => field === '*' || unescaped(field) === wanted[i])
    if (password !== undefined && isFor) return unescaped(password)
  }
  return undefined
}

function unescaped(field: string): string {
  return field.replace(/\\(.)/gs, '$1')
}
