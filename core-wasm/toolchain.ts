import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { BUILD_STD, RUST_FLAGS, TARGET } from './build-settings.ts'

/** A compiler that can build the kernel, and what it must be told to do so. */
export interface Toolchain {
  /** Folder that holds `rustc` and `cargo`; it goes first in PATH. */
  readonly binDir: string
  /** First line of `rustc --version`. */
  readonly rustc: string
  readonly sysroot: string
  readonly rustFlags: readonly string[]
  readonly cargoArgs: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A compiler that was found but cannot build the kernel, with the reason. */
export interface Unfit {
  readonly binDir: string
  readonly rustc: string
  readonly reason: string
}

export const isUnfit = (found: Toolchain | Unfit): found is Unfit => 'reason' in found

/**
 * Returns the first compiler on `searchPath` that has a ready-made standard library for the target;
 * failing that, the first one that can compile the library from its own sources (a distribution's
 * Rust); failing that, every compiler that was looked at, with the reason why it will not do.
 */
export function findToolchain(searchPath: readonly string[]): Toolchain | readonly Unfit[] {
  const found = compilerDirs(searchPath).map((dir) => examine(dir, searchPath))
  const fit = found.filter((candidate) => !isUnfit(candidate)) as Toolchain[]
  const readyMade = fit.find((candidate) => candidate.cargoArgs.length === 0)
  return readyMade ?? fit[0] ?? (found as Unfit[])
}

/** Folders to look for tools in: PATH, then where rustup and distributions put them. */
export function toolFolders(env: Readonly<Record<string, string | undefined>>): string[] {
  const onPath = (env.PATH ?? '').split(delimiter).filter((dir) => dir !== '')
  return [...onPath, join(cargoHome(env), 'bin'), '/usr/local/bin', '/usr/bin']
}

export function cargoHome(env: Readonly<Record<string, string | undefined>>): string {
  return env.CARGO_HOME ?? join(homedir(), '.cargo')
}

/** Returns the full path of a program in `folders`, or undefined. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((dir) => join(dir, name + EXE)).find((path) => existsSync(path))
}

/** Returns how to call a compiler's cargo in a shell: by its full path when it is not on PATH. */
export function cargoCommand(binDir: string, path: string): string {
  const onPath = path.split(delimiter).filter((dir) => dir !== '')
  return findProgram('cargo', onPath) === undefined ? join(binDir, `cargo${EXE}`) : 'cargo'
}

/** Runs a program and returns what it prints, trimmed; undefined if it fails or cannot be started. */
export function output(command: readonly string[]): string | undefined {
  try {
    const run = Bun.spawnSync([...command], { stdin: 'ignore', stderr: 'ignore' })
    return run.success ? run.stdout.toString().trim() : undefined
  } catch {
    return undefined
  }
}

const EXE = process.platform === 'win32' ? '.exe' : ''

function compilerDirs(searchPath: readonly string[]): string[] {
  const dirs = searchPath.filter(
    (dir) => findProgram('rustc', [dir]) && findProgram('cargo', [dir]),
  )
  return [...new Map(dirs.map((dir) => [realpathSync(dir), dir])).keys()]
}

function examine(binDir: string, searchPath: readonly string[]): Toolchain | Unfit {
  const rustcPath = join(binDir, `rustc${EXE}`)
  const verbose = output([rustcPath, '-vV'])
  const sysroot = output([rustcPath, '--print', 'sysroot'])
  if (verbose === undefined || sysroot === undefined)
    return { binDir, rustc: 'rustc', reason: 'it does not run' }
  const rustc = verbose.split('\n')[0]?.trim() ?? 'rustc'
  const readyMade = hasStandardLibrary(rustcPath)
  if (!readyMade && !existsSync(join(sysroot, 'lib/rustlib/src/rust/library/std')))
    return {
      binDir,
      rustc,
      reason: `no standard library for ${TARGET} and no rust-src to build it from`,
    }
  const linker = findLinker(sysroot, verbose, searchPath)
  if (linker === undefined)
    return { binDir, rustc, reason: 'no rust-lld and no wasm-ld to link with' }
  return assemble({ binDir, rustc, sysroot, readyMade, linker })
}

function hasStandardLibrary(rustcPath: string): boolean {
  const libdir = output([rustcPath, '--print', 'target-libdir', '--target', TARGET])
  return (
    libdir !== undefined &&
    existsSync(libdir) &&
    readdirSync(libdir).some((f) => f.startsWith('libstd-'))
  )
}

/**
 * Returns the linker to name: an empty text if the compiler brings its own, a path to wasm-ld (the
 * one of the compiler's LLVM first) if it does not, undefined if there is neither.
 */
function findLinker(
  sysroot: string,
  verbose: string,
  folders: readonly string[],
): string | undefined {
  const host = /^host: (.+)$/m.exec(verbose)?.[1] ?? ''
  if (existsSync(join(sysroot, 'lib/rustlib', host, 'bin', `rust-lld${EXE}`))) return ''
  const llvm = /^LLVM version: (\d+)/m.exec(verbose)?.[1]
  return findProgram(`wasm-ld-${llvm}`, folders) ?? findProgram('wasm-ld', folders)
}

interface Parts {
  readonly binDir: string
  readonly rustc: string
  readonly sysroot: string
  readonly readyMade: boolean
  readonly linker: string
}

function assemble({ binDir, rustc, sysroot, readyMade, linker }: Parts): Toolchain {
  return {
    binDir,
    rustc,
    sysroot,
    rustFlags: linker === '' ? RUST_FLAGS : [...RUST_FLAGS, '-C', 'linker-flavor=wasm-ld'],
    cargoArgs: readyMade ? [] : ['-Z', `build-std=${BUILD_STD}`],
    env: {
      ...(linker === '' ? {} : { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker }),
      // Building the standard library is unstable by name only; a distribution ships matching sources.
      ...(readyMade ? {} : { RUSTC_BOOTSTRAP: '1' }),
    },
  }
}
