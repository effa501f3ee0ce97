import { basename } from 'node:path'
import { type Document, isCollection, isMap, isScalar, type Node } from 'yaml'
import { type Role, walk } from '../core/yaml-walk.ts'
import { CONFIG_SCHEMAS } from './files.ts'
import { type SchemaView, viewOf } from './schema-view.ts'
import { holdsSecret } from './secret.ts'
import { isSecretLike } from './secret-names.ts'
import type { Source } from './source.ts'
import { clip, mergeSpans, type Span, trimSpan } from './spans.ts'

/** What reading learned about the nodes of a file, and the values that must not be printed. */
export interface MaskRules {
  /** Values read by a schema that does not call them secret. */
  readonly shown: ReadonlySet<Node>
  /** Values of secret and of unknown keys, with all that is in them; they win over `shown`. */
  readonly hidden: ReadonlySet<Node>
  readonly secrets: readonly string[]
}

/** A scalar, an alias, or a whole value that must not be shown. */
interface Part extends Span {
  readonly node: Node
  readonly role: Role
  readonly isHidden: boolean
}

/** Returns what of each line (from 1) a frame must not show, as columns from 0 in rising order. */
export function findMasks(source: Source, rules: MaskRules): (line: number) => readonly Span[] {
  const isWhole = source.findings.length === 0
  const isStrict = isWhole && !isPlain(source)
  let parts: readonly Part[] | undefined
  return (line) => {
    const text = source.lines[line - 1] ?? ''
    parts ??= partsOf(source.document, isStrict ? rules.hidden : undefined)
    const here = clip(parts, source.starts[line - 1] ?? 0, text.length)
    const isMasked = (part: Part) => part.isHidden || (isStrict && !isFree(part, rules))
    const visible = here.filter((part) => !isMasked(part))
    const masked = here.filter(isMasked).map((part) => trimSpan(text, part))
    const unread = isStrict ? findUnread(text, visible) : isWhole ? [] : findSuspect(source, line)
    return mergeSpans([...masked, ...unread], text)
  }
}

/** Files whose schema has no secret: only a key that is named like one may hold one there. */
const PLAIN_FILES: ReadonlySet<string> = new Set([
  'strategies.yaml',
  'backtests.yaml',
  'sweeps.yaml',
])

function isPlain({ file }: Source): boolean {
  return PLAIN_FILES.has(basename(file))
}

/** @param hidden values; in a file that does not parse, which the reader has not seen, those of secret-like keys */
function partsOf({ contents }: Document, hidden?: ReadonlySet<Node>): readonly Part[] {
  const parts: Part[] = []
  const secret = new Set<unknown>(hidden)
  walk(contents, (node, role) => {
    for (const { key, value } of hidden === undefined && isMap(node) ? node.items : []) {
      if (isScalar(key) && isSecretLike(String(key.value))) secret.add(value)
    }
    const isHidden = secret.has(node) || (role === 'key' && isCollection(node))
    if (node.range && (isHidden || !isCollection(node))) {
      parts.push({ start: node.range[0], end: node.range[1], node, role, isHidden })
    }
    return !isHidden
  })
  return parts
}

/**
 * A scalar is shown only if it was read as something that may be shown; keys of one word and aliases are shown, but not
 * `api_key:VALUE` and `api_key=VALUE`, which YAML takes for a key where a blank is missing.
 */
function isFree({ node, role }: Part, { shown, secrets }: MaskRules): boolean {
  if (!isScalar(node)) return true
  const text = String(node.value)
  return role === 'key' ? !/[:=]/.test(text) : shown.has(node) && !holdsSecret(text, secrets)
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

const KEY = /(?<![\w.-]|\$\{)([\w.-]+)["']?\s*[:=]/g

/**
 * Returns the references of a file that does not parse which may name a secret's variable: all but those behind a key that
 * is known to be harmless.
 */
export function suspectReferences(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => line.includes('$'))
    .flatMap((line) => {
      const keys = [...line.matchAll(KEY)]
      const references = [...line.matchAll(/\$\{[^}]*\}?|\$\w+/g)]
      return references
        .filter(({ index }) => {
          const key = keys.findLast((one) => one.index < index)?.[1]
          return key === undefined || !PUBLIC_KEYS.has(key)
        })
        .map(([reference]) => reference)
    })
}

/**
 * The rule for a file that does not parse, where positions cannot be trusted: what stands behind a key that may hold a secret is
 * masked, and comments. Keys are shown, and references whose variable has no default.
 */
function findSuspect(source: Source, line: number): readonly Span[] {
  const mayHold = (key: string) => (isPlain(source) ? isSecretLike(key) : !PUBLIC_KEYS.has(key))
  const text = source.lines[line - 1] ?? ''
  const comment = text.search(/(^|\s)#/)
  const end = comment < 0 ? text.length : comment
  const spans = comment < 0 || isPlain(source) ? [] : [{ start: comment, end: text.length }]
  const keys = keysOf(text.slice(0, end), mayHold)
  if (keys.length === 0) spans.push({ start: startWithoutKey(source, line, mayHold), end })
  for (const [i, { name, end: start }] of keys.entries()) {
    if (mayHold(name)) spans.push({ start, end: keys[i + 1]?.start ?? end })
  }
  return spans
    .filter(({ start, end: to }) => start < to)
    .map((span) => trimSpan(text, span, EDGE))
    .filter((span) => !/^\$\{\w+\}?$/.test(text.slice(span.start, span.end)))
}

type MayHold = (key: string) => boolean

/** A line without a key goes on with the value of the key before it, or its first word is a key that lacks its colon. */
function startWithoutKey({ lines }: Source, line: number, mayHold: MayHold): number {
  const owner = lines.slice(0, line - 1).findLast((one) => keysOf(one, mayHold).length > 0)
  const isValue = owner !== undefined && isSecretLike(keysOf(owner, mayHold).at(-1)?.name as string)
  const [first = '', name = ''] = /^\s*([\w.-]+)/.exec(lines[line - 1] ?? '') ?? []
  if (isValue) return 0
  if (!mayHold(name)) return Number.POSITIVE_INFINITY
  return /\d/.test(name) ? 0 : first.length
}

interface Key extends Span {
  readonly name: string
}

/** The keys of a line. A secret may look like one, so behind its key only a new entry of the same braces is another key. */
function keysOf(text: string, mayHold: MayHold): readonly Key[] {
  const keys: Key[] = []
  for (const { 0: whole, 1: name = '', index } of text.matchAll(KEY)) {
    const last = keys.at(-1)
    if (last !== undefined && mayHold(last.name)) {
      const entry = isSecretLike(last.name) ? /,\s*["']?$/ : /[{,]\s*["']?$/
      if (!entry.test(text.slice(last.end, index))) continue
    }
    keys.push({ name, start: index, end: index + whole.length })
  }
  return keys
}
