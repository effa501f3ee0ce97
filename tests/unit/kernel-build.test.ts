import { afterAll, beforeAll, expect, test } from 'bun:test'
import { appendFileSync, cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  KERNEL_WASM,
  kernelProblems,
  PKG_FILES,
  REBUILD_COMMAND,
  sourceFiles,
  sourcesHash,
} from '../../core-wasm/sources.ts'
import { cargoCommand } from '../../core-wasm/toolchain.ts'

const CRATE_DIR = join(import.meta.dir, '../../core-wasm')

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-build-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

let copies = 0

function copyOfCrate(): string {
  const copy = join(folder, String(copies++))
  const target = join(CRATE_DIR, 'target')
  cpSync(CRATE_DIR, copy, { recursive: true, filter: (path) => path !== target })
  return copy
}

test('the built kernel in core-wasm/pkg belongs to the sources beside it', async () => {
  expect(await kernelProblems(CRATE_DIR)).toEqual([])
})

test('the built kernel is a WebAssembly module that tells no folder of its builder', async () => {
  const bytes = await Bun.file(join(CRATE_DIR, 'pkg', KERNEL_WASM)).bytes()
  expect(WebAssembly.validate(bytes)).toBe(true)
  const text = Buffer.from(bytes).toString('latin1')
  expect(text).not.toMatch(/\/(home|root|Users|tmp|work)\/|\\Users\\|registry\/src/)
})

test('reports a changed source and names the command that rebuilds', async () => {
  const crate = copyOfCrate()
  appendFileSync(join(crate, 'src/lib.rs'), '\n')
  const problems = await kernelProblems(crate)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toStartWith('the kernel sources changed since core-wasm/pkg was built')
  expect(problems[0]).toEndWith(`Run \`${REBUILD_COMMAND}\`.`)
})

test.each([KERNEL_WASM, 'core_wasm.js'])('reports that %s is another file', async (name) => {
  const crate = copyOfCrate()
  appendFileSync(join(crate, 'pkg', name), ' ')
  const problems = await kernelProblems(crate)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toStartWith(`core-wasm/pkg/${name} is not the file that was built`)
  expect(problems[0]).toContain(REBUILD_COMMAND)
})

test.each(['sources.json', ...PKG_FILES])('reports that %s is missing', async (name) => {
  const crate = copyOfCrate()
  rmSync(join(crate, 'pkg', name))
  expect(await kernelProblems(crate)).toEqual([
    `core-wasm/pkg/${name} is missing. Run \`${REBUILD_COMMAND}\`.`,
  ])
})

test('the hash covers every source, the manifest, the lockfile and the build settings', async () => {
  const crate = copyOfCrate()
  expect(sourceFiles(crate)).toEqual(
    expect.arrayContaining(['Cargo.lock', 'Cargo.toml', 'build-settings.ts', 'src/lib.rs']),
  )
  const hashes = new Set([await sourcesHash(crate)])
  const files = sourceFiles(crate)
  for (const file of files) {
    appendFileSync(join(crate, file), ' ')
    hashes.add(await sourcesHash(crate))
  }
  expect(hashes.size).toBe(files.length + 1)
})

test('the hash changes when a source moves and does not when only pkg changes', async () => {
  const crate = copyOfCrate()
  const before = await sourcesHash(crate)
  appendFileSync(join(crate, 'pkg/sources.json'), '\n')
  expect(await sourcesHash(crate)).toBe(before)
  renameSync(join(crate, 'src/error.rs'), join(crate, 'src/errors.rs'))
  expect(await sourcesHash(crate)).not.toBe(before)
})

test('cargo is named by its full path where the shell would not find it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crypto-cargo-'))
  writeFileSync(join(folder, process.platform === 'win32' ? 'cargo.exe' : 'cargo'), '')
  expect(cargoCommand(folder, folder)).toBe('cargo')
  expect(cargoCommand(folder, '')).toStartWith(join(folder, 'cargo'))
  rmSync(folder, { recursive: true })
})
