/**
 * Builds the kernel: Rust to WebAssembly through wasm-pack, into `pkg`.
 *
 *   bun run build:kernel [--find-compiler]
 *
 * `--find-compiler` only prints the compiler that would be used.
 * Prints the hashes of the result. Exit code 1, with what to install, when a tool is missing, and
 * with the tool's own output when it fails. Nothing in `pkg` changes unless every step succeeded.
 */
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { TARGET } from './build-settings.ts'
import {
  fileHash,
  KERNEL_GLUE,
  KERNEL_WASM,
  PKG_FILES,
  type SourcesRecord,
  sourcesHash,
} from './sources.ts'
import {
  cargoCommand,
  cargoHome,
  findProgram,
  findToolchain,
  output,
  type Toolchain,
  toolFolders,
  type Unfit,
} from './toolchain.ts'

const CRATE_DIR = import.meta.dir
const PKG_DIR = join(CRATE_DIR, 'pkg')
const STAGING = 'target/pkg'
const STAGING_DIR = join(CRATE_DIR, STAGING)

class BuildError extends Error {}

async function build(): Promise<SourcesRecord> {
  const folders = toolFolders(process.env)
  const toolchain = requireToolchain(folders)
  const wasmPack = requireWasmPack(toolchain, folders)
  const sources = await sourcesHash(CRATE_DIR)
  compile(toolchain, wasmPack, folders)
  refuseMachinePaths(
    join(STAGING_DIR, KERNEL_WASM),
    await Bun.file(join(STAGING_DIR, KERNEL_WASM)).text(),
  )
  const record = {
    sourcesHash: sources,
    wasmHash: await fileHash(join(STAGING_DIR, KERNEL_WASM)),
    glueHash: await fileHash(join(STAGING_DIR, KERNEL_GLUE)),
    toolchain: {
      rustc: toolchain.rustc,
      wasmPack: output([wasmPack, '--version']) ?? 'unknown',
      wasmBindgen: `wasm-bindgen ${await lockedVersion('wasm-bindgen')}`,
    },
  }
  publish(record)
  return record
}

function requireToolchain(folders: readonly string[]): Toolchain {
  const found = findToolchain(folders)
  if (!Array.isArray(found)) return found as Toolchain
  throw new BuildError(noToolchain(found as readonly Unfit[]))
}

function noToolchain(unfit: readonly Unfit[]): string {
  const install = [
    'Install the target (it takes a few seconds):',
    '  rustup target add wasm32-unknown-unknown',
    'or, on Debian without rustup:',
    '  apt-get install rustc-web cargo-web rust-web-src lld-22',
  ]
  if (unfit.length === 0)
    return [
      'No Rust compiler found.',
      'Install Rust from https://rustup.rs, then:',
      install[1],
    ].join('\n')
  const seen = unfit.map(({ rustc, binDir, reason }) => `  ${rustc} in ${binDir}: ${reason}`)
  return ['No Rust compiler here can build the kernel.', ...seen, ...install].join('\n')
}

function requireWasmPack({ binDir, rustc }: Toolchain, folders: readonly string[]): string {
  const wasmPack = findProgram('wasm-pack', folders)
  if (wasmPack !== undefined) return wasmPack
  const cargo = cargoCommand(binDir, process.env.PATH ?? '')
  throw new BuildError(
    `wasm-pack was not found. Install it with ${rustc} in ${binDir}:\n  ${cargo} install wasm-pack`,
  )
}

function compile(toolchain: Toolchain, wasmPack: string, folders: readonly string[]): void {
  rmSync(STAGING_DIR, { recursive: true, force: true })
  const env = {
    ...process.env,
    ...toolchain.env,
    PATH: [toolchain.binDir, ...folders].join(delimiter),
    // A user's own flags would take the place of ours and change the kernel.
    RUSTFLAGS: undefined,
    CARGO_ENCODED_RUSTFLAGS: undefined,
  }
  const rustFlags = [...toolchain.rustFlags, ...remaps(toolchain)]
  const config = `target.${TARGET}.rustflags=${JSON.stringify(rustFlags)}`
  // `force`: what wasm-pack would check is checked here, and it does not know of build-std.
  const options = ['--mode', 'force', '--release', '--target', 'web', '--out-name', 'core_wasm']
  const cargoArgs = ['--locked', '--config', config, ...toolchain.cargoArgs]
  run([wasmPack, 'build', CRATE_DIR, ...options, '--out-dir', STAGING, '--', ...cargoArgs], env)
}

/**
 * Returns the flags that replace this machine's folders in the texts of panics, so that the kernel
 * holds no path of whoever built it and the same compiler gives the same bytes everywhere.
 */
function remaps(toolchain: Toolchain): string[] {
  const places: [string, string][] = [
    [cargoHome(process.env), '/cargo'],
    [join(toolchain.sysroot, 'lib/rustlib/src/rust'), '/rust'],
    [CRATE_DIR, '/core-wasm'],
    ...registryFolders(toolchain).map((dir): [string, string] => [dir, '/crates']),
  ]
  return places.map(([from, to]) => `--remap-path-prefix=${from}=${to}`)
}

function registryFolders({ binDir }: Toolchain): string[] {
  const manifest = join(CRATE_DIR, 'Cargo.toml')
  const command = [join(binDir, 'cargo'), 'metadata', '--locked', '--format-version', '1']
  const printed = output([...command, '--manifest-path', manifest])
  if (printed === undefined)
    throw new BuildError(`\`cargo metadata\` failed. Run it to see why:\n  ${command.join(' ')}`)
  const { packages } = JSON.parse(printed) as {
    packages: { source: string | null; manifest_path: string }[]
  }
  const foreign = packages.filter(({ source }) => source !== null)
  return [...new Set(foreign.map((crate) => dirname(dirname(crate.manifest_path))))]
}

/** A published kernel must not tell where it was built. */
function refuseMachinePaths(path: string, text: string): void {
  const folders = [cargoHome(process.env), dirname(CRATE_DIR), 'registry/src']
  const leaked = folders.find((folder) => text.includes(folder))
  if (leaked === undefined) return
  throw new BuildError(
    `${path} holds the path '${leaked}' of this machine: extend remaps() in build.ts.`,
  )
}

async function lockedVersion(crate: string): Promise<string> {
  const lock = await Bun.file(join(CRATE_DIR, 'Cargo.lock')).text()
  return new RegExp(`name = "${crate}"\nversion = "(.+)"`).exec(lock)?.[1] ?? 'unknown'
}

function publish(record: SourcesRecord): void {
  rmSync(PKG_DIR, { recursive: true, force: true })
  mkdirSync(PKG_DIR, { recursive: true })
  for (const file of PKG_FILES) copyFileSync(join(STAGING_DIR, file), join(PKG_DIR, file))
  writeFileSync(join(PKG_DIR, 'sources.json'), `${JSON.stringify(record, null, 2)}\n`)
}

function run(command: readonly string[], env: Record<string, string | undefined>): void {
  const done = Bun.spawnSync([...command], {
    env,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  })
  if (!done.success) throw new BuildError(`${command[0]} failed with exit code ${done.exitCode}.`)
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--find-compiler')) {
    const { rustc, binDir } = requireToolchain(toolFolders(process.env))
    console.log(`${rustc} in ${binDir}`)
    return
  }
  const record = await build()
  const bytes = statSync(join(PKG_DIR, KERNEL_WASM)).size
  console.log(`core-wasm/pkg/${KERNEL_WASM}  ${bytes} bytes  sha256 ${record.wasmHash}`)
  console.log(`sources ${record.sourcesHash}  ${Object.values(record.toolchain).join(', ')}`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof BuildError)) throw error
  console.error(`build:kernel: ${error.message}`)
  process.exitCode = 1
}
