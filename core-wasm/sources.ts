import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Remedy named by every message about a kernel that does not match its sources. */
export const REBUILD_COMMAND = 'bun run build:kernel'

export const KERNEL_WASM = 'core_wasm_bg.wasm'

/** The glue that wasm-bindgen writes for it. */
export const KERNEL_GLUE = 'core_wasm.js'

/** The files of `pkg` that a build writes, beside `sources.json`. */
export const PKG_FILES: readonly string[] = [
  KERNEL_WASM,
  KERNEL_GLUE,
  'core_wasm.d.ts',
  'core_wasm_bg.wasm.d.ts',
]

/** `pkg/sources.json`: what the committed kernel was built from, and with what. */
export interface SourcesRecord {
  /** SHA-256 of the Rust sources, manifest, lockfile and build settings, see {@link sourcesHash}. */
  readonly sourcesHash: string
  /** SHA-256 of `core_wasm_bg.wasm`. */
  readonly wasmHash: string
  /** SHA-256 of the glue that wasm-bindgen wrote for it, `core_wasm.js`. */
  readonly glueHash: string
  /** Versions of the tools. Another compiler gives other bytes, not other results. */
  readonly toolchain: Readonly<Record<string, string>>
}

/**
 * Returns the paths, relative to `crateDir` with `/` between their parts and sorted by code unit, of
 * everything that decides what the kernel is. Hidden files do not count.
 */
export function sourceFiles(crateDir: string): string[] {
  const rust = [...new Bun.Glob('src/**/*').scanSync({ cwd: crateDir, onlyFiles: true })]
  return [...rust.map((path) => path.replaceAll('\\', '/')), ...SINGLE_FILES].sort(byCodeUnit)
}

const SINGLE_FILES = ['Cargo.toml', 'Cargo.lock', 'build-settings.ts']

/**
 * Returns the SHA-256 (hex) over path, length and content of each of the {@link sourceFiles}.
 * Contents are taken byte for byte; `.gitattributes` keeps line ends the same on every system.
 */
export async function sourcesHash(crateDir: string): Promise<string> {
  const hasher = new Bun.CryptoHasher('sha256')
  for (const path of sourceFiles(crateDir)) {
    const bytes = await Bun.file(join(crateDir, path)).bytes()
    hasher.update(`${path}\0${bytes.length}\0`)
    hasher.update(bytes)
  }
  return hasher.digest('hex')
}

/** Returns the SHA-256 (hex) of one file. */
export async function fileHash(path: string): Promise<string> {
  return new Bun.CryptoHasher('sha256').update(await Bun.file(path).bytes()).digest('hex')
}

/** Returns the record beside the built kernel. Throws if there is none. */
export async function readSourcesRecord(pkgDir: string): Promise<SourcesRecord> {
  return await Bun.file(join(pkgDir, 'sources.json')).json()
}

/**
 * Returns one sentence for each way in which the built kernel in `crateDir/pkg` and the sources in
 * `crateDir` disagree; none when they agree. `crateDir` is a path of the file system.
 */
export async function kernelProblems(crateDir: string): Promise<string[]> {
  const pkgDir = join(crateDir, 'pkg')
  const missing = ['sources.json', ...PKG_FILES].filter((file) => !existsSync(join(pkgDir, file)))
  if (missing.length > 0)
    return missing.map((file) => `core-wasm/pkg/${file} is missing. Run \`${REBUILD_COMMAND}\`.`)
  const { sourcesHash: builtFrom, ...built } = await readSourcesRecord(pkgDir)
  return [
    ...difference(
      'the kernel sources changed since core-wasm/pkg was built',
      builtFrom,
      await sourcesHash(crateDir),
    ),
    ...(await changedFile(pkgDir, KERNEL_WASM, built.wasmHash)),
    ...(await changedFile(pkgDir, KERNEL_GLUE, built.glueHash)),
  ]
}

async function changedFile(pkgDir: string, file: string, recorded: string): Promise<string[]> {
  const what = `core-wasm/pkg/${file} is not the file that was built`
  return difference(what, recorded, await fileHash(join(pkgDir, file)))
}

function difference(what: string, recorded: string, found: string): string[] {
  if (recorded === found) return []
  return [`${what}: sources.json says ${recorded}, found ${found}. Run \`${REBUILD_COMMAND}\`.`]
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
