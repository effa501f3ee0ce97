import { type Document, isAlias, isCollection, isMap, isNode, isScalar, type Node } from 'yaml'
import { CONFIG_SCHEMAS } from './files.ts'
import { type SchemaView, viewOf } from './schema-view.ts'
import { redactSecrets } from './secret.ts'
import { isSecretLike } from './secret-names.ts'
import type { Source } from './source.ts'
import { clip, mergeSpans, type Span, trimSpan } from './spans.ts'
import { walk } from './walk.ts'

/** What reading learned about the nodes of a file, and the values that must not be printed. */
export interface MaskRules {
  /** Values read by a schema that does not call them secret. */
  readonly shown: ReadonlySet<Node>
  /** Values of secret and of unknown keys, with all that is in them; they win over `shown`. */
  readonly hidden: ReadonlySet<Node>
  readonly secrets: readonly string[]
}

/** Returns what of each line (from 1) a frame must not show, as columns from 0 in rising order. */
export function findMasks(source: Source, rules: MaskRules): (line: number) => readonly Span[] {
  const { visible, hidden } = spansOfNodes(source, rules)
  const isWhole = source.findings.length === 0
  return (line) => {
    const text = source.lines[line - 1] ?? ''
    const start = source.starts[line - 1] ?? 0
    const here = (spans: readonly Span[]) => clip(spans, start, text.length)
    const unread = isWhole ? findUnread(text, here(visible)) : findSuspect(text)
    return mergeSpans([...here(hidden).map((span) => trimSpan(text, span)), ...unread], text)
  }
}

/** A scalar is shown only if it was read as something that may be shown; keys of one word and aliases are shown. */
function spansOfNodes(source: Source, { shown, hidden, secrets }: MaskRules) {
  const spans = { visible: [] as Span[], hidden: [] as Span[] }
  const { document, findings } = source
  const isWhole = findings.length === 0
  const covered = isWhole ? hidden : new Set(valuesOfSecrets(document))
  const isFree = (node: Node) => shown.has(node) && !isScalarWith(node, secrets)
  walk(document.contents, (node, role) => {
    if (!node.range) return true
    const [start, end] = node.range
    if (covered.has(node) || (role === 'key' && isCollection(node))) {
      spans.hidden.push({ start, end })
      return false
    }
    if (!isWhole || !(isScalar(node) || isAlias(node))) return true
    const isShown = isAlias(node) || (role === 'key' ? isPlainKey(node.value) : isFree(node))
    spans[isShown ? 'visible' : 'hidden'].push({ start, end })
    return true
  })
  return spans
}

/** The values of secret-like keys in a file that does not parse, whose nodes the reader has not seen. */
function valuesOfSecrets(document: Document): readonly Node[] {
  const values: Node[] = []
  walk(document.contents, (node) => {
    for (const { key, value } of isMap(node) ? node.items : []) {
      if (isScalar(key) && isSecretLike(String(key.value)) && isNode(value)) values.push(value)
    }
    return true
  })
  return values
}

/** False for `api_key:VALUE` and `api_key=VALUE`, which YAML takes for a key where a blank is missing. */
function isPlainKey(key: unknown): boolean {
  return !/[:=]/.test(String(key))
}

function isScalarWith(node: Node, secrets: readonly string[]): boolean {
  if (!isScalar(node)) return false
  const text = String(node.value)
  return redactSecrets(text, secrets) !== text
}

const EDGE = /[\s{}[\],:?#-]/

/** Everything between the visible parts but punctuation: comments, anchors, tags. */
function findUnread(text: string, visible: readonly Span[]): readonly Span[] {
  const spans: Span[] = []
  let at = 0
  for (const span of [
    ...visible.toSorted((a, b) => a.start - b.start),
    { start: text.length, end: text.length },
  ]) {
    spans.push(trimSpan(text, { start: at, end: Math.max(at, span.start) }, EDGE))
    at = Math.max(at, span.end)
  }
  return spans
}

const PUBLIC_KEYS = publicKeysOf(Object.values(CONFIG_SCHEMAS).map(viewOf))

/** Every key of the schemas whose value is no secret. */
function publicKeysOf(schemas: readonly SchemaView[]): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const { properties = {}, patternProperties = {}, anyOf = [], items } of schemas) {
    for (const [key, schema] of Object.entries(properties)) if (!schema.writeOnly) keys.add(key)
    const inner = [...Object.values(properties), ...Object.values(patternProperties), ...anyOf]
    for (const key of publicKeysOf(items === undefined ? inner : [...inner, items])) keys.add(key)
  }
  return keys
}

/** Characters before a reference that its key is looked for in; of longer lines every reference counts. */
const KEY_REACH = 200

/**
 * Returns the parts of a file that does not parse which may name a secret's variable: all references but those behind a key that
 * is known to be harmless.
 */
export function suspectReferences(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) =>
    [...line.matchAll(/\$\{[A-Za-z_]\w*/g)].flatMap(({ 0: reference, index }) => {
      if (line.length > KEY_REACH * 10) return [reference]
      const before = line.slice(Math.max(0, index - KEY_REACH), index)
      const key = [...before.matchAll(KEY)].at(-1)?.[1]
      return key !== undefined && PUBLIC_KEYS.has(key) ? [] : [reference]
    }),
  )
}

const KEY = /(?<![\w.-]|\$\{)([\w.-]+)["']?\s*[:=]/g

/**
 * The rule for a file that does not parse, where positions cannot be trusted: the line is shown up to the
 * first key that is not known to be harmless. A line without a key may belong to any key, so it is masked.
 */
function findSuspect(text: string): readonly Span[] {
  const rest = (start: number) => [trimSpan(text, { start, end: text.length })]
  let count = 0
  for (const match of text.matchAll(KEY)) {
    count += 1
    const [whole, key = ''] = match
    const end = match.index + whole.length
    const opens = /^\s*[{[]?\s*$|^\s*\{/.test(text.slice(end))
    if (!PUBLIC_KEYS.has(key) && (isSecretLike(key) || !opens)) return rest(end)
  }
  const comment = text.search(/(^|\s)#/)
  if (count > 0 && comment < 0) return []
  return [trimSpan(text, { start: count > 0 ? comment : 0, end: text.length }, EDGE)]
}
