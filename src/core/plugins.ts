import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { quoteForeign } from './foreign-text.ts'
import { lineIn } from './line-in.ts'
import type { Registrable } from './registry.ts'

/** Version of the plugin interface. A plugin may state the one it was written for as `apiVersion`. */
export const PLUGIN_API_VERSION = 1

/** A file that could not be used, wholly or in part; the rest of the plugins work. */
export interface PluginProblem {
  readonly path: string
  readonly reason: string
}

export interface LoadedPlugin {
  readonly path: string
  readonly name: string
}

export interface DiscoveredPlugins {
  readonly loaded: readonly LoadedPlugin[]
  readonly problems: readonly PluginProblem[]
}

export interface PluginFolder<T extends Registrable> {
  /** The folder itself, such as `plugins/strategies`. One that does not exist holds no plugins. */
  readonly dir: string
  /** Singular noun for messages, such as `strategy`. */
  readonly kind: string
  /** Usually a registry's `register`; its error becomes the reason. */
  readonly register: (definition: T, source: string) => void
  /** Returns why a value is not a definition of this kind, or undefined when it is one. */
  readonly accepts: (value: unknown) => string | undefined
  /** How long one file may take to import (default 10,000 ms): an import that never ends would end the process. */
  readonly importMsMax?: number
  /** Calls code of a plugin; may end it after a time. Left out, it is just called. */
  readonly within?: <R>(work: () => R, msMax: number, what: string) => R
  /** Called before a file is imported, with where it really lies. */
  readonly onFile?: (path: string) => void
  /** Called with the same path when the file and its definitions have been dealt with. */
  readonly onDone?: (path: string) => void | Promise<void>
  /** Called after a plugin's code ran: returns what it did to the rest of the program, or undefined. */
  readonly damage?: () => string | undefined
}

/** How long a plugin may take to be imported, and its definition to be checked, `signals()` included, unless the caller says otherwise. */
export const IMPORT_MS_MAX = 10_000
const PLUGIN_FILE = /^[^._].*(?<!\.d|\.test)\.(ts|js)$/

/**
 * Imports every `*.ts` and `*.js` file of a folder, in order of name, and registers what each exports by default:
 * one definition or an array of them. Leaves out subfolders, `*.d.ts`, `*.test.ts` and names that start with `_` or `.`.
 * Never throws for what a plugin does; every reason is in `problems`.
 */
export async function discoverPlugins<T extends Registrable>(
  folder: PluginFolder<T>,
): Promise<DiscoveredPlugins> {
  const found = { loaded: [] as LoadedPlugin[], problems: [] as PluginProblem[] }
  for (const path of listFiles(folder.dir, found.problems)) await loadFile(folder, path, found)
  return found
}

interface Found {
  readonly loaded: LoadedPlugin[]
  readonly problems: PluginProblem[]
}

async function loadFile<T extends Registrable>(
  folder: PluginFolder<T>,
  path: string,
  found: Found,
): Promise<void> {
  const msMax = folder.importMsMax ?? IMPORT_MS_MAX
  const within = folder.within ?? ((work) => work())
  const truePath = realPath(path)
  folder.onFile?.(truePath)
  try {
    const { exported } = await importDefault(path, truePath, msMax, within)
    refuseDamage(folder)
    for (const item of definitionsOf(exported, folder.kind)) {
      const register = () => registerOne(folder, { path, truePath }, item, found)
      within(register, msMax, 'its definition')
    }
  } catch (error) {
    found.problems.push({ path, reason: reasonOf(error, truePath) })
  }
  const damage = folder.damage?.()
  if (damage !== undefined) found.problems.push({ path, reason: damage })
  await folder.onDone?.(truePath)
}

/** @throws Error when the code that just ran changed what others use */
function refuseDamage<T extends Registrable>({ damage }: PluginFolder<T>): void {
  const reason = damage?.()
  if (reason !== undefined) throw new Error(reason)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function listFiles(dir: string, problems: PluginProblem[]): readonly string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => PLUGIN_FILE.test(entry.name) && isFile(dir, entry))
      .map((entry) => join(dir, entry.name))
      .sort()
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isMissing) problems.push({ path: dir, reason: `cannot be read: ${reasonOf(error, dir)}` })
    return []
  }
}

/** A dangling link counts as a file, so that its import says what is wrong. */
function isFile(dir: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile()
  return statSync(join(dir, entry.name), { throwIfNoEntry: false })?.isDirectory() !== true
}

/** A module that waits for something cannot be required; what comes before its first wait is. */
const WAITS = /require\(\) async module/

/** The export is wrapped: a promise would ask it for its `then`, which is code of the plugin. */
async function importDefault(
  path: string,
  truePath: string,
  msMax: number,
  within: NonNullable<PluginFolder<Registrable>['within']>,
): Promise<{ readonly exported: unknown }> {
  try {
    const module =
      within(() => required(path), msMax, 'its import') ?? (await imported(path, msMax))
    return { exported: (module as { readonly default?: unknown }).default }
  } catch (error) {
    throw new Error(`cannot be imported: ${reasonOf(error, truePath)}`, { cause: error })
  }
}

/** Imports in one go, so that it can be stopped; undefined for a module that waits. */
function required(path: string): unknown {
  try {
    return createRequire(path)(path)
  } catch (error) {
    if (error instanceof Error && WAITS.test(error.message)) return undefined
    throw error
  }
}

async function imported(path: string, msMax: number): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    const reason = `its import did not finish within ${msMax} ms`
    timer = setTimeout(() => reject(new Error(reason)), msMax)
  })
  try {
    return await Promise.race([import(pathToFileURL(path).href), deadline])
  } finally {
    clearTimeout(timer)
  }
}

function definitionsOf(exported: unknown, kind: string): readonly unknown[] {
  const rule = `export one ${kind} definition, or an array of them, as its default`
  if (exported === undefined) throw new Error(`has no default export; it must ${rule}`)
  if (!Array.isArray(exported)) return [exported]
  if (exported.length === 0)
    throw new Error(`its default export is an empty array; it must ${rule}`)
  return exported
}

function registerOne<T extends Registrable>(
  folder: PluginFolder<T>,
  { path, truePath }: { readonly path: string; readonly truePath: string },
  value: unknown,
  found: Found,
): void {
  try {
    const isObject = typeof value === 'object' && value !== null
    const definition = (isObject ? steady(value) : value) as T
    const reason = refusal(definition) ?? folder.accepts(definition)
    if (reason !== undefined) throw new Error(`is not a usable ${folder.kind}: ${reason}`)
    refuseDamage(folder)
    folder.register(definition, path)
    found.loaded.push({ path, name: definition.name })
  } catch (error) {
    found.problems.push({ path, reason: reasonOf(error, truePath) })
  }
}

const NAME = /^[a-z][a-z0-9_]*$/

/** Why a value cannot be a plugin of any kind, or undefined. */
function refusal(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return `its default export is ${value === null ? 'null' : `a ${typeof value}`}, not a definition`
  }
  const { name, description, apiVersion } = value as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || !NAME.test(name)) {
    return `its name must be lower-case words joined by '_', such as 'price_channel', was ${show(name)}`
  }
  if (typeof description !== 'string' || description.trim() === '') {
    return `'${name}' has no description`
  }
  if (apiVersion === undefined || apiVersion === PLUGIN_API_VERSION) return undefined
  return `'${name}' was written for apiVersion ${show(apiVersion)}, this program has ${PLUGIN_API_VERSION}`
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/**
 * A definition that stays as it is checked, whatever the plugin does with its own object later: each property is read
 * once, also in its schema. Objects of classes, and functions, stay the plugin's.
 */
function steady(definition: object): object {
  const own = Object.create(Object.getPrototypeOf(definition))
  const copies = new Map<unknown, unknown>([[definition, own]])
  return Object.freeze(copyInto(own, definition, copies))
}

function steadyPart(value: unknown, copies: Map<unknown, unknown>): unknown {
  const known = copies.get(value)
  if (known !== undefined) return known
  if (typeof value !== 'object' || value === null) return value
  const isList = Array.isArray(value)
  const prototype = Object.getPrototypeOf(value)
  if (!isList && prototype !== Object.prototype && prototype !== null) return value
  const own = isList ? [] : Object.create(prototype)
  copies.set(value, own)
  return copyInto(own, value, copies)
}

function copyInto(own: object, from: object, copies: Map<unknown, unknown>): object {
  for (const key of Reflect.ownKeys(from)) {
    const enumerable = Object.prototype.propertyIsEnumerable.call(from, key)
    const value = steadyPart(Reflect.get(from, key), copies)
    // The length of a list can be written only.
    if (Array.isArray(own) && key === 'length') own.length = value as number
    else Object.defineProperty(own, key, { value, enumerable, writable: true, configurable: true })
  }
  return own
}

const REASON_CHARS_MAX = 500

/** First line of what was thrown by the file at `path`, whatever it is, and where: for what does not compile with the text there. */
function reasonOf(error: unknown, path: string): string {
  try {
    const cause = error instanceof AggregateError ? (error.errors[0] ?? error) : error
    const { message, position } = (cause ?? {}) as { message?: unknown; position?: Position }
    const text =
      typeof message === 'string' ? message || String((cause as Error).name) : show(cause)
    const line = (text.split('\n')[0] ?? '').slice(0, REASON_CHARS_MAX)
    if (!position) return line + lineIn(cause, path)
    const place = `${position.file}:${position.line}:${position.column}`
    return `${place}: ${line}, in ${quoteForeign((position.lineText ?? '').trim())}`
  } catch {
    return 'it throws what cannot be shown'
  }
}

interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly lineText?: string
}
