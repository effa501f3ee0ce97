import type { TObject } from 'typebox'
import { Value } from 'typebox/value'
import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { findEpochMs } from '../../core/units.ts'
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

/**
 * Reads a fault plan: YAML or JSON, `faults:` with a list of entries.
 * @param file its name, for messages
 * @throws ConfigError `FAULTS_INVALID` with every problem, each with its line
 */
export function parseFaultPlan(text: string, file: string): FaultPlan {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const placeOf = (offset: number) => {
    const { line, col } = counter.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const [syntax] = document.errors
  if (syntax !== undefined) {
    throw invalid([`${placeOf(syntax.pos[0])} not valid YAML: ${syntax.message}`])
  }
  const root = document.toJS() as unknown
  const list = isMap(document.contents) ? document.get('faults', true) : undefined
  const unknownKeys = Object.keys(Object(root)).filter((key) => key !== 'faults')
  if (!isSeq(list) || unknownKeys.length > 0) {
    throw invalid([`${file} must have one key, 'faults', with a list of faults.`])
  }
  const problems: string[] = []
  const faults = list.items.flatMap((item, index) => {
    const node = item as Node
    const settings = (root as { readonly faults: readonly unknown[] }).faults[index]
    const report = (path: readonly string[], message: string) => {
      const at = (isMap(node) ? (node.getIn(path, true) as Node | undefined) : undefined) ?? node
      const name = ['faults', index, ...path].join('.')
      problems.push(`${placeOf(at.range?.[0] ?? 0)} ${name}: ${message}`)
    }
    const fault = readFault(settings, index, report)
    return fault === undefined ? [] : [fault]
  })
  if (problems.length > 0) throw invalid(problems)
  return { faults }
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

function invalid(problems: readonly string[]): ConfigError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const message = `${problems.join('\n')}\n${count} in the fault plan; docs/simulator.md describes every field.`
  return new ConfigError('FAULTS_INVALID', message, { context: { problems } })
}
