import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { longestFirst, passwordsInUrls } from '../core/redact.ts'
import { readTextFile, unreadable } from '../core/text-file.ts'
import type { Catalog } from './catalog.ts'
import { checkReferences } from './check-references.ts'
import type { Config, ConfigValues, Draft, Validation } from './config.ts'
import type { EnvFile } from './env-file.ts'
import { CONFIG_SCHEMAS, FILE_KEYS, type FileKey } from './files.ts'
import { findMasks, type MaskRules, suspectReferences } from './masks.ts'
import {
  cleanText,
  type Finding,
  FRAME_MAX,
  frameOf,
  type Place,
  type Problem,
  renderProblems,
  sortFindings,
} from './problems.ts'
import { Provenance } from './provenance.ts'
import { readValue } from './read.ts'
import { INVALID } from './read-leaf.ts'
import { viewOf } from './schema-view.ts'
import { Secret } from './secret.ts'
import { holdsNoSecret, SECRET_FILES } from './secret-free.ts'
import { parseSource, type Source, withSyntaxHint } from './source.ts'
import { ReadState } from './state.ts'
import type { Environment } from './substitute.ts'
import { weighed, withoutFaulty } from './used.ts'

export interface LoadOptions {
  /** Folder of the YAML files, as messages shall name it. */
  readonly dir: string
  readonly env: Environment
  /** What of `env` only `.env` gave, and what is wrong with that file. */
  readonly envFile?: EnvFile | undefined
  /** Returns the text of a file, undefined when there is none. Default: the file system. */
  readonly readFile?: (path: string) => string | undefined
  /** Without it, strategy types, parameters, adapters and formulas are not checked. */
  readonly catalog?: Catalog
  /**
   * The entries that are about to be used, such as `backtests.NAME`: errors of entries that these do not refer to become warnings,
   * and such an entry is left out of the configuration. Without it every entry counts.
   */
  readonly uses?: readonly string[] | undefined
  /** Told each error that `uses` made a warning. */
  readonly onUnused?: (problem: Problem) => void
  /** Told what must not be shown, before anything is said of the files; they may be invalid. */
  readonly onSecrets?: (secrets: Iterable<string>) => void
}

/**
 * Reads all configuration files and returns every problem in them, with the configuration if there is no error.
 * @throws ConfigError `CONFIG_NOT_FOUND` when the folder is missing or holds none of the files
 */
export function validateConfig(options: LoadOptions): Validation {
  const { state, files, values, secrets } = readConfig(options)
  const lines = new Map([...files.values()].map((source) => [source?.file, source?.lines]))
  const lineAt = (place: Place) => lines.get(place.file)?.[place.line - 1]
  const textAt = (place: Place) => lineAt(place)?.slice(place.col - 1) ?? ''
  const broken = new Set(FILE_KEYS.filter((key) => isBroken(files, key)))
  checkReferences({ state, values, catalog: options.catalog, broken, textAt })
  const all =
    options.uses === undefined ? state.findings : weighed(state.findings, values, options.uses)
  const findings = withoutTail(sortFindings(all))
  const problems = toProblems(findings, [...files.values()], { ...state, secrets })
  const found = Object.freeze([...files.keys()].map((key) => fileOf(options, key)))
  const isValid = problems.every((problem) => problem.severity !== 'error')
  if (!isValid) return { files: found, problems, config: undefined }
  const config: Config = {
    // What is left has no error, so nothing is missing in it.
    ...(deepFreeze(withoutFaulty(values, all)) as unknown as ConfigValues),
    dir: options.dir,
    files: found,
    provenance: new Provenance(state.origins, secrets),
    strategyTypes: Object.freeze([...(options.catalog?.strategies.names() ?? [])]),
  }
  return { files: found, problems, config: Object.freeze(config) }
}

/** What the files say, with all that is wrong in each of them, and the secrets, the longest first. */
function readConfig(options: LoadOptions) {
  const state = createState(options)
  const files = readSources(options, state)
  reportEnvFile(state, options)
  const values = Object.fromEntries(
    FILE_KEYS.map((key) => [key, readFileValue(state, key, fileOf(options, key), files.get(key))]),
  ) as Draft<ConfigValues>
  const secrets = longestFirst(state.secrets)
  options.onSecrets?.([...secrets, ...textsOf(values).flatMap(passwordsInUrls)])
  return { state, files, values, secrets }
}

function fileOf({ dir }: LoadOptions, key: FileKey): string {
  return join(dir, `${key}.yaml`)
}

function createState({ env, envFile, catalog }: LoadOptions): ReadState {
  const schemas = {
    type: (name: string) => catalog?.strategies.paramsSchema(name),
    adapter: (name: string) => catalog?.adapters.optionsSchema(name),
  }
  const findVariant: ReadState['findVariant'] = (by, name) => {
    const schema = typeof name === 'string' ? schemas[by](name) : undefined
    return schema === undefined ? undefined : viewOf(schema)
  }
  return new ReadState({ env, envFile, homes: homesOf(), findVariant })
}

/**
 * Returns the whole configuration: valid, complete and frozen.
 * @throws ConfigError `CONFIG_INVALID` whose message shows every problem; they are in `context.problems` too
 */
export function loadConfig(options: LoadOptions): Config {
  const { problems, config } = validateConfig(options)
  if (config !== undefined) {
    for (const problem of problems) if (problem.isUnused) options.onUnused?.(problem)
    return config
  }
  throw new ConfigError('CONFIG_INVALID', renderProblems(problems), { context: { problems } })
}

/**
 * Returns what the files take from the environment as secrets, and passwords in them, without a word about what is wrong there:
 * to be known before anything else may speak, such as a plugin.
 */
export function findSecrets(
  options: Pick<LoadOptions, 'dir' | 'env' | 'readFile'>,
): readonly string[] {
  const found: string[] = []
  const readFile = (path: string) => {
    const text = (options.readFile ?? readTextFile)(path)
    return text !== undefined && holdsNoSecret(path, text) ? '' : text
  }
  try {
    const { secrets, values } = readConfig({ ...options, readFile })
    found.push(...secrets, ...textsOf(values).flatMap(passwordsInUrls))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
  }
  return [...found, ...SECRET_FILES.flatMap((name) => referredTo(join(options.dir, name), options))]
}

const READABLE_BYTES_MAX = 20_000_000

/**
 * Returns the values of variables that a file means and that its configuration does not show: `$NAME`, which is refused, and all
 * of a file that cannot be read, because it is too long or no UTF-8. Nobody knows which of them are secrets.
 */
function referredTo(
  path: string,
  { env, readFile = readTextFile }: Pick<LoadOptions, 'env' | 'readFile'>,
): readonly string[] {
  const valuesOf = (text: string, reference: RegExp) =>
    [...text.matchAll(reference)].flatMap(([, name]) => env[name as string] ?? [])
  try {
    return valuesOf(readFile(path) ?? '', /\$([A-Za-z_]\w*)/g)
  } catch {}
  try {
    const status = statSync(path)
    if (!status.isFile() || status.size > READABLE_BYTES_MAX) return []
    const text = readFileSync(path, 'latin1').replaceAll('\0', '')
    return valuesOf(text, /\$\{?([A-Za-z_]\w*)/g)
  } catch {
    return []
  }
}

/** Top-level keys of each file, to say where a misplaced one belongs. */
function homesOf(): ReadonlyMap<string, string> {
  return new Map(
    FILE_KEYS.flatMap((key) =>
      Object.keys(CONFIG_SCHEMAS[key].properties).map((top) => [top, `${key}.yaml`] as const),
    ),
  )
}

function reportEnvFile(state: ReadState, { envFile }: LoadOptions): void {
  if (envFile === undefined) return
  for (const { line, message } of envFile.faults) {
    const place = { ...topOf(envFile.file), line }
    state.error('CONFIG_ENV_FILE', place, message)
  }
}

/** The files that are there; undefined stands for one that cannot be read. */
type Files = ReadonlyMap<FileKey, Source | undefined>

function isBroken(files: Files, key: FileKey): boolean {
  const source = files.get(key)
  return source === undefined ? files.has(key) : source.findings.length > 0
}

function readSources(options: LoadOptions, state: ReadState): Files {
  const { dir, readFile = readTextFile } = options
  const files = new Map<FileKey, Source | undefined>()
  for (const key of FILE_KEYS) {
    const file = fileOf(options, key)
    try {
      const text = readFile(file)
      if (text !== undefined) files.set(key, parseSource(file, text))
      else if (readFile(join(dir, `${key}.yml`)) !== undefined) warnOfYml(state, options, key)
    } catch (error) {
      const { reason, remedy } = unreadable(error)
      state.error('CONFIG_UNREADABLE', topOf(file), `cannot be read: ${reason}.`, remedy)
      files.set(key, undefined)
    }
  }
  if (files.size === 0) throw notFound(dir, options.readFile === undefined)
  return files
}

function warnOfYml(state: ReadState, { dir }: LoadOptions, key: FileKey): void {
  const place = topOf(join(dir, `${key}.yml`))
  state.report('warn', 'CONFIG_IGNORED', place, 'this file is not read.', `Name it ${key}.yaml.`)
}

/** Place of a file as a whole. */
function topOf(file: string): Place {
  return { file, line: 1, col: 1, length: 1 }
}

function notFound(dir: string, isFileSystem: boolean): ConfigError {
  const files = FILE_KEYS.map((key) => `${key}.yaml`).join(', ')
  const what =
    isFileSystem && !existsSync(dir)
      ? `config directory '${dir}' not found.`
      : `config directory '${dir}' holds none of ${files}.`
  const remedy = 'Run the command in the project folder, or name the folder with --config-dir.'
  return new ConfigError('CONFIG_NOT_FOUND', `${what} ${remedy}`, { context: { dir } })
}

/** Reads one file by its schema; a missing or empty file is read like one without keys. */
function readFileValue(
  state: ReadState,
  key: FileKey,
  file: string,
  source: Source | undefined,
): unknown {
  const top = topOf(file)
  const schema = { ...viewOf(CONFIG_SCHEMAS[key]), default: {} }
  state.places.set(key, top)
  if (source !== undefined) {
    for (const f of source.findings) {
      state.findings.push(withSyntaxHint(f, source.lines[f.line - 1] ?? ''))
    }
  }
  if (source !== undefined && source.findings.length > 0) {
    for (const reference of suspectReferences(source.lines)) state.addReferenced(reference)
  }
  const usable = source ?? parseSource(file, '')
  const path = key === 'settings' ? key : ''
  const node = usable.root
  const value = readValue({ state, source: usable, node, schema, path, place: top })
  if (value === INVALID) return undefined
  return key === 'settings' ? value : (value as Record<string, unknown>)[key]
}

/** Nobody corrects more in one go, and each costs a look for secrets. */
const PROBLEMS_MAX = 100

function withoutTail(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= PROBLEMS_MAX) return findings
  // Warnings must not crowd out the error that makes the configuration invalid.
  const errors = findings.filter(({ severity }) => severity === 'error')
  const shown = (errors.length > 0 ? errors : findings).slice(0, PROBLEMS_MAX)
  const last = shown.at(-1) as Finding
  const message = `${findings.length - shown.length} more problems are not shown.`
  return [...shown, { ...last, code: 'CONFIG_MORE', message, hint: 'Correct these first.' }]
}

/** Adds the lines, and takes secrets and control characters out of all that will be printed. */
function toProblems(
  findings: readonly Finding[],
  sources: readonly (Source | undefined)[],
  rules: MaskRules,
): readonly Problem[] {
  const { secrets } = rules
  const framed = new Map(
    sources.flatMap((source) => {
      if (source === undefined || !findings.some(({ file }) => file === source.file)) return []
      return [[source.file, { source, masksOf: findMasks(source, rules) }]]
    }),
  )
  return findings.map((finding) => {
    const { source, masksOf } = framed.get(finding.file) ?? {}
    const line = source?.lines[finding.line - 1]
    const message = cleanText(finding.message, secrets)
    const advice = typeof finding.hint === 'function' ? finding.hint() : finding.hint
    const { hint: _, entry: __, ...base } = finding
    const hint = advice === undefined ? {} : { hint: cleanText(advice, secrets) }
    if (line === undefined || line.length > FRAME_MAX || masksOf === undefined)
      return { ...base, message, ...hint }
    const frame = frameOf(finding, line, masksOf(finding.line), secrets)
    return { ...base, message, ...hint, frame }
  })
}

/** Every text in a value, at every depth. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || value instanceof Secret) return []
  // Of a long list `Object.values` is slow.
  return (Array.isArray(value) ? value : Object.values(value)).flatMap(textsOf)
}

/** Freezes plain objects and lists in place, at every depth. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  for (const child of Object.values(value)) deepFreeze(child)
  return Object.freeze(value)
}
