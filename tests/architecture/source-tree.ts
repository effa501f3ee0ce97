import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Texts by path relative to the root, with forward slashes, sorted by path. */
export type SourceTree = ReadonlyMap<string, string>

export interface Violation {
  /** `path` or `path:line`. */
  readonly where: string
  readonly what: string
  readonly remedy: string
}

/** Text of ours: `core-wasm/pkg` and `config/schemas` are generated. */
const TEXT = /^(?!core-wasm\/pkg\/).*\.(ts|rs|md|sql|ya?ml|toml)$/

/** Reads every text of the repository that the rules are about: what git tracks, and what it would track. */
export function readTree(root: string): SourceTree {
  const paths = listFiles(root).filter((path) => TEXT.test(path) && existsSync(join(root, path)))
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

/** Git is asked, so that no folder is left out for its name. */
function listFiles(root: string): string[] {
  const command = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout, stderr, success } = Bun.spawnSync(command, { cwd: root })
  if (!success) throw new Error(`git cannot list the files of ${root}: ${stderr}`)
  return [...new Set(stdout.toString().split('\0'))]
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
