import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invariant } from '../../../core/errors.ts'
import { sha256 } from '../../../core/hash.ts'
import type { Requirement } from '../features.ts'

/** One SQL file; applied once, whole, in a transaction of its own, and never edited afterwards. */
export interface Migration {
  /** File name without its extension, such as `0001_candles`. */
  readonly name: string
  readonly sql: string
  /** sha-256 of the text with Unix line ends, hex. */
  readonly hash: string
  /** What the database must have for it; undefined: nothing. */
  readonly requires: Requirement | undefined
}

/** The folder that the program ships. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../../migrations/', import.meta.url))

const FILE = /^(\d{4})_[a-z0-9_]+\.sql$/
const REQUIREMENTS: readonly string[] = ['timescaledb', 'timescaledb-tsl'] satisfies Requirement[]

/** Returns the migrations of a folder in the order of their numbers. What is wrong with the folder is a mistake of its authors. */
export function readMigrations(folder: string = MIGRATIONS_FOLDER): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
  const numbers = files.map((file) => FILE.exec(file)?.[1])
  for (const [i, file] of files.entries()) {
    invariant(numbers[i] !== undefined, `${file}: a migration is named like 0001_name.sql`)
    invariant(numbers[i] !== numbers[i - 1], `${file}: two migrations do not share a number`)
  }
  return files.map((file) => parseMigration(file, readFileSync(join(folder, file), 'utf8')))
}

function parseMigration(file: string, text: string): Migration {
  const sql = text.replaceAll('\r\n', '\n')
  return {
    name: file.replace(/\.sql$/, ''),
    sql,
    hash: sha256(sql),
    requires: requirementOf(file, sql),
  }
}

/** Directives are comments before the first statement: `-- requires: timescaledb`. */
function requirementOf(file: string, sql: string): Requirement | undefined {
  const header = /^(?:\s*(?:--.*)?\n)*/.exec(sql)?.[0] ?? ''
  const found = /^\s*--\s*requires:\s*(\S*)/m.exec(header)?.[1]
  if (found === undefined) return undefined
  invariant(REQUIREMENTS.includes(found), `${file}: requires one of ${REQUIREMENTS.join(', ')}`)
  return found as Requirement
}
