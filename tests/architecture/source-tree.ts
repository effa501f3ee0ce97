import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Texts by path relative to the root, with forward slashes, sorted by path. */
export type SourceTree = ReadonlyMap<string, string>

export interface Violation {
  /** `path` or `path:line`. */
  readonly where: string
  readonly what: string
  readonly remedy: string
}

const FOLDERS = ['src', 'plugins', 'bench', 'tests', 'core-wasm', 'docs', 'migrations', 'config']
const IGNORED: ReadonlySet<string> = new Set(['node_modules', 'target', 'pkg', 'data', 'results'])
const TEXT = /\.(ts|rs|md|sql|ya?ml|toml)$/

/** Reads every text of the repository that the rules are about. */
export function readTree(root: string): SourceTree {
  const top = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => entry.name)
  const nested = FOLDERS.flatMap((folder) => listTexts(root, folder))
  const paths = [...top, ...nested].sort()
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

function listTexts(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return []
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : listTexts(root, path)
    return TEXT.test(entry.name) ? [path] : []
  })
}

/** The TypeScript files below one of the folders. */
export function scripts(tree: SourceTree, ...folders: readonly string[]): SourceTree {
  return filesOf(tree, '.ts', folders)
}

export function filesOf(
  tree: SourceTree,
  extension: string,
  folders: readonly string[] = [''],
): SourceTree {
  const isWithin = (path: string) => folders.some((folder) => path.startsWith(folder))
  return new Map([...tree].filter(([path]) => path.endsWith(extension) && isWithin(path)))
}

/** Says every violation in one text; the empty text when there is none. */
export function explain(violations: readonly Violation[]): string {
  return violations.map(({ where, what, remedy }) => `${where}: ${what} ${remedy}`).join('\n')
}
