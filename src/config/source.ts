// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import {
  type Alias,
  Composer,
  type CST,
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
  YAMLParseError,
} from 'yaml'
import { namedByAliases } from '../core/yaml-aliases.ts'
import { findYamlRefusal } from '../core/yaml-text.ts'
import { walk } from '../core/yaml-walk.ts'
import { wordsOf } from '../core/yaml-words.ts'
import type { Finding, Place } from './problems.ts'

/** One parsed YAML file with positions. */
export interface Source {
  readonly file: string
  readonly lines: readonly string[]
  /** Offset of the first character of each line. */
  readonly starts: readonly number[]
  readonly document: Document
  /** The root node; undefined for an empty file and for one with syntax errors. */
  readonly root: Node | undefined
  readonly findings: readonly Finding[]
  readonly placeAt: (offset: number, length: number) => Place
  /** The node that each alias names. */
  readonly aliased: ReadonlyMap<Alias, Node>
}

/** Parses YAML 1.2. Syntax errors and duplicate keys become findings; after a syntax error there is no root. */
export function parseSource(file: string, text: string): Source {
  const before = PARSED.get(file)
  if (before?.text === text) return before.source
  const source = parseAfresh(file, text)
  PARSED.set(file, { text, source })
  return source
}

/** The files are looked through for secrets first and read afterwards. */
const PARSED = new Map<string, { readonly text: string; readonly source: Source }>()

function parseAfresh(file: string, text: string): Source {
  const lines = text.split(/\r?\n/)
  const starts = lineStarts(text)
  const placeAt = (offset: number, length: number): Place => {
    const line = lineOf(starts, offset)
    const col = offset - (starts[line - 1] as number) + 1
    const room = Math.max(1, (lines[line - 1] ?? '').length - col + 1)
    return { file, line, col, length: Math.max(1, Math.min(length, room)) }
  }
  const refusal = findYamlRefusal(text)
  const document = refusal === undefined ? parseYaml(text) : new Document()
  // Looking at every node is dear, and few files have one.
  const aliased = text.includes('*') ? namedByAliases(document) : new Map<Alias, Node>()
  const findings =
    refusal === undefined
      ? [
          ...syntaxFindings(document, lines, placeAt),
          ...aliasFindings(document, text, aliased, placeAt),
        ]
      : [syntaxFinding(placeAt(refusal.at, 1), refusal.message)]
  const isUsable = findings.length === 0
  const root = isUsable ? (document.contents ?? undefined) : undefined
  return {
    file,
    lines,
    starts,
    document,
    root: root as Node | undefined,
    findings,
    placeAt,
    aliased,
  }
}

/** What the parser's `parseDocument` does, but for the end of a file that is no YAML. */
function parseYaml(text: string): Document {
  const composer = new Composer({ merge: true, uniqueKeys: false })
  const tokens = untilErrors(new Parser().parse(text))
  const [document = new Document(), second] = composer.compose(tokens, true, text.length)
  if (second !== undefined) {
    const at: [number, number] = [second.range[0], second.range[1]]
    document.errors.push(new YAMLParseError(at, 'MULTIPLE_DOCS', ''))
  }
  return document
}

/** Nobody reads more, and where nothing fits, each character may be one. */
const ERRORS_MAX = 1000

function* untilErrors(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let errors = 0
  for (const token of tokens) {
    yield token
    if (token.type === 'error') errors += 1
    if (errors === ERRORS_MAX) return
  }
}

const SUBSTITUTION_HINT =
  'Quote a ${NAME} that stands inside { } or [ ], or that contains ": ": "${NAME:default}".'

function syntaxFinding(place: Place, message: string): Finding {
  return { ...place, severity: 'error', code: 'CONFIG_SYNTAX', message }
}

/** One finding a line: a slip makes the parser stumble several times over the same one. */
function syntaxFindings(
  document: Document,
  lines: readonly string[],
  placeAt: Source['placeAt'],
): readonly Finding[] {
  const restAt = ({ line, col }: Place) => lines[line - 1]?.slice(col - 1) ?? ''

  const byLine = new Map<number, Finding>()
  for (const error of [...document.errors, ...document.warnings]) {
    const [from, to] = error.pos
    const place = placeAt(from, Math.max(1, to - from))
    if (byLine.has(place.line)) continue
    byLine.set(place.line, syntaxFinding(place, wordsOf(error, restAt(place))))
  }
  return [...byLine.values()]
}

/** What the parser leaves for later: aliases without an anchor, and merge keys that merge no map or themselves. */
function aliasFindings(
  document: Document,
  text: string,
  aliased: Source['aliased'],
  placeAt: Source['placeAt'],
): readonly Finding[] {
  const byLine = new Map<number, Finding>()
  if (!text.includes('*') && !text.includes('<<')) return []
  const report = (node: Node, message: string) => {
    const [start, end] = node.range ?? [0, 1]
    const place = placeAt(start, end - start)
    if (!byLine.has(place.line)) byLine.set(place.line, syntaxFinding(place, message))
  }
  const at = [...aliased.keys()].at(-1)
  if (at !== undefined && countRepeated(document, aliased) > REPEATED_MAX) {
    report(at, `'*' repeats more than ${REPEATED_MAX} values in this file.`)
  }
  walk(document.contents, (node) => {
    if (isAlias(node) && !aliased.has(node)) {
      report(node, "this '*' names no anchor above it; text that starts with it needs quotes.")
    }
    for (const pair of isMap(node) ? node.items.filter(isMerge) : []) {
      const key = pair.key as Node
      const isSound = (target: Node | undefined) => isMap(target) && !isInside(key, target)
      if (!mergeTargets(aliased, pair).every(isSound)) {
        report(key, "'<<' must name another map, or a list of maps.")
      }
    }
    return true
  })
  return [...byLine.values()]
}

function isInside({ range }: Node, outer: Node): boolean {
  const [start, end] = outer.range ?? [0, 0]
  const at = range?.[0] ?? 0
  return start <= at && at < end
}

/** With aliases of aliases a file may have as many values as a power of its length. */
const REPEATED_MAX = 50_000

/** Counts what the aliases of a document add to its values. */
function countRepeated({ contents }: Document, aliased: Source['aliased']): number {
  const counts = new Map<Node, number>()
  let own = 0
  const countOf = (node: unknown): number => {
    // An anchor stands above its aliases; only one that an alias stands in is not counted yet.
    if (isAlias(node)) return counts.get(aliased.get(node) as Node) ?? 0
    own += 1
    const inside = isMap(node)
      ? node.items.map(({ value }) => value)
      : isSeq(node)
        ? node.items
        : []
    const count = inside.reduce<number>((sum, value) => sum + countOf(value), 1)
    if (isNode(node) && 'anchor' in node && node.anchor !== undefined) counts.set(node, count)
    return count
  }
  return countOf(contents) - own
}

/** Adds the usual remedy where a line that does not parse holds a `${`. */
export function withSyntaxHint(finding: Finding, line: string): Finding {
  const isReference = finding.code === 'CONFIG_SYNTAX' && line.includes('${')
  return isReference ? { ...finding, hint: SUBSTITUTION_HINT } : finding
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}

/** Returns the line (from 1) that holds `offset`: the count of line starts at or before it. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= offset) low = middle
    else high = middle
  }
  return low + 1
}

/** Follows an alias to the node it names. */
export function resolveNode(source: Source, node: Node | null | undefined): Node | undefined {
  if (!isAlias(node)) return node ?? undefined
  return source.aliased.get(node)
}

/** Place of a node; a collection that spans lines is shown by its first line. */
export function placeOfNode(source: Source, node: Node): Place {
  const [start, end] = node.range ?? [0, 1]
  return source.placeAt(start, end - start)
}

export interface Entry {
  readonly key: string
  readonly keyPlace: Place
  readonly value: Node | undefined
  /** Where to point at for the value: the value itself, or its key for an empty value or a block of lines. */
  readonly place: Place
}

/** The entries of a map in order, merge keys (`<<`) resolved, duplicate keys included. */
export function entriesOf(source: Source, map: YAMLMap): readonly Entry[] {
  // Maps that merge maps that merge maps have as many ways as a power of their number.
  const known = ENTRIES.get(map)
  if (known !== undefined) return known
  const entries = readEntries(source, map)
  ENTRIES.set(map, entries)
  return entries
}

const ENTRIES = new WeakMap<YAMLMap, readonly Entry[]>()

function readEntries(source: Source, map: YAMLMap): readonly Entry[] {
  const own = map.items.flatMap((pair) => (isMerge(pair) ? [] : [toEntry(source, pair)]))
  const taken = new Set(own.map((entry) => entry.key))
  const merged = map.items.filter(isMerge).flatMap((pair) => mergedEntries(source, pair))
  for (const entry of merged) {
    if (taken.has(entry.key)) continue
    taken.add(entry.key)
    own.push(entry)
  }
  return own
}

function isMerge(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === 'PLAIN'
}

/** The nodes that a merge key names: one, or each of a list; the first that has a key wins. */
function mergeTargets(aliased: Source['aliased'], pair: Pair): readonly (Node | undefined)[] {
  const follow = (node: unknown) =>
    (isAlias(node) ? aliased.get(node) : (node as Node | null)) ?? undefined
  const value = follow(pair.value)
  return isSeq(value) ? value.items.map(follow) : [value]
}

function mergedEntries(source: Source, pair: Pair): readonly Entry[] {
  return mergeTargets(source.aliased, pair).flatMap((node) =>
    isMap(node) ? entriesOf(source, node) : [],
  )
}

function toEntry(source: Source, pair: Pair): Entry {
  const keyNode = pair.key as Node
  const keyPlace = placeOfNode(source, keyNode)
  // A list or map as a key is legal YAML and unknown everywhere here; its text could hold a secret.
  const key = isScalar(keyNode) ? String(keyNode.value) : '?'
  const value = (pair.value as Node | null) ?? undefined
  const isShown = value !== undefined && !isBlock(value) && !isEmpty(value)
  return { key, keyPlace, value, place: isShown ? placeOfNode(source, value) : keyPlace }
}

function isBlock(node: Node): boolean {
  return isCollection(node) && node.flow !== true
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === ''
}
