import type { TObject } from 'typebox'
import { Value } from 'typebox/value'
import {
  type Alias,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { findEpochMs } from '../../core/units.ts'
import { namedByAliases } from '../../core/yaml-aliases.ts'
import { findYamlRefusal } from '../../core/yaml-text.ts'
import { wordsOf } from '../../core/yaml-words.ts'
import { checkFault } from './check-fault.ts'
import { FAULTS, type FaultKind, type FaultSettings } from './schema.ts'

/** An entry with its place in the plan, which is part of what its randomness follows from. */
export type Fault<K extends FaultKind = FaultKind> = Extract<FaultSettings, { kind: K }> & {
  readonly index: number
  /** `from` and `to` as epoch milliseconds, without end where they are left out. */
  readonly fromMs: number
  readonly toMs: number
}

export interface FaultPlan {
  readonly faults: readonly Fault[]
}

export const NO_FAULTS: FaultPlan = { faults: [] }

/** Returns the entries of some kinds. */
export function faultsOf<K extends FaultKind>(
  { faults }: FaultPlan,
  ...kinds: readonly K[]
): readonly Fault<K>[] {
  return faults.filter((fault): fault is Fault<K> => kinds.some((kind) => kind === fault.kind))
}

/** Finding the place of one costs as much as its entry is long. */
const PROBLEMS_MAX = 100

/** What is wrong with a plan, and where; `line` and `col` count from 1. */
export interface PlanProblem {
  readonly severity: 'error'
  readonly code: 'FAULTS_INVALID'
  readonly message: string
  readonly file: string
  readonly line?: number
  readonly col?: number
}

/**
 * Reads a fault plan: YAML or JSON, `faults:` with a list of entries.
 * @param file its name, for messages
 * @throws ConfigError `FAULTS_INVALID` with every problem (`PlanProblem`) in its context
 */
export function parseFaultPlan(text: string, file: string): FaultPlan {
  const problemAt = (message: string, offset?: number): PlanProblem => {
    const place = offset === undefined ? {} : placeAt(text, offset)
    return { severity: 'error', code: 'FAULTS_INVALID', message, file, ...place }
  }
  const refusal = findYamlRefusal(text)
  if (refusal !== undefined) throw invalid([problemAt(refusal.message, refusal.at)])
  // The parser compares each key with all before it.
  const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false })
  const broken = [
    ...document.errors.map((error) => {
      const [at] = error.pos
      return problemAt(wordsOf(error, text.slice(at).split('\n', 1)[0] ?? ''), at)
    }),
    ...repeatedKeys(document).map((key) => problemAt('this key is here twice.', key.range?.[0])),
    ...wrongAliases(document).map((alias) =>
      problemAt(`the alias '*${alias.source}' stands for no value above it.`, alias.range?.[0]),
    ),
  ]
  if (broken.length > 0) throw invalid(broken)
  const root = plainValue(document, (message) => invalid([problemAt(message)]))
  const list = isMap(document.contents) ? document.get('faults', true) : undefined
  if (!isSeq(list) || Object.keys(Object(root)).some((key) => key !== 'faults')) {
    throw invalid([problemAt("must have one key, 'faults', with a list of faults.")])
  }
  const entries: readonly unknown[] = Object(root).faults
  const problems: PlanProblem[] = []
  const faults = entries.flatMap((settings, index) => {
    const report = (path: readonly string[], message: string) => {
      if (problems.length >= PROBLEMS_MAX) return
      const node = nodeAt(list.items[index] as Node, path)
      const name = ['faults', index, ...path].join('.')
      problems.push(problemAt(`${name}: ${message}`, node.range?.[0]))
    }
    return readFault(settings, index, report) ?? []
  })
  if (problems.length > 0) throw invalid(problems)
  return { faults }
}

function placeAt(text: string, offset: number) {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, col: offset - before.lastIndexOf('\n') }
}

function repeatedKeys(document: Document): readonly Scalar[] {
  const repeated: Scalar[] = []
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) repeated.push(key)
        seen.add(key.value)
      }
    },
  })
  return repeated.slice(0, PROBLEMS_MAX)
}

/** Aliases without an anchor before them, and those inside the value that they stand for. */
function wrongAliases(document: Document): readonly Alias[] {
  const found: Alias[] = []
  const aliased = namedByAliases(document)
  visit(document, {
    Alias(_, alias, path) {
      const node = aliased.get(alias)
      if (node === undefined || path.includes(node)) found.push(alias)
    },
  })
  return found
}

/** The parser refuses aliases that multiply beyond all bounds only now. */
function plainValue(document: Document, refusal: (message: string) => ConfigError): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw refusal(`cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

/** The value at a path inside an entry, or the entry where there is none. */
function nodeAt(entry: Node, path: readonly string[]): Node {
  const inner = isMap(entry) && path.length > 0 ? entry.getIn(path, true) : undefined
  return isNode(inner) ? inner : entry
}

function readFault(
  settings: unknown,
  index: number,
  report: (path: readonly string[], message: string) => void,
): Fault | undefined {
  const kind: unknown = Object(settings).kind
  const kinds = Object.keys(FAULTS)
  if (typeof kind !== 'string' || !Object.hasOwn(FAULTS, kind)) {
    const found = kind === undefined ? 'nothing' : `'${kind}'`
    report(
      kind === undefined ? [] : ['kind'],
      `kind must be one of ${kinds.join(', ')}, found ${found}.${didYouMean(String(kind), kinds)}`,
    )
    return undefined
  }
  const schema: TObject = FAULTS[kind as FaultKind]
  const problems = checkFault(settings as Readonly<Record<string, unknown>>, schema)
  for (const { path, message } of problems) report(path, message)
  if (problems.length > 0) return undefined
  const complete = Value.Default(schema, structuredClone(settings)) as FaultSettings
  return Object.freeze({
    ...complete,
    index,
    fromMs: instantOf(complete.from) ?? Number.NEGATIVE_INFINITY,
    toMs: instantOf(complete.to) ?? Number.POSITIVE_INFINITY,
  })
}

function instantOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : findEpochMs(text)
}

function invalid(problems: readonly PlanProblem[]): ConfigError {
  const lines = problems.map(({ file, line, col, message }) =>
    line === undefined ? `${file} ${message}` : `${file}:${line}:${col} ${message}`,
  )
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const message = `${lines.join('\n')}\n${count} in the fault plan; docs/simulator.md describes every field.`
  return new ConfigError('FAULTS_INVALID', message, { context: { problems } })
}
