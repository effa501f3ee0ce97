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
  let parts: readonly Part[] | undefined
  return (line) => {
    const text = source.lines[line - 1] ?? ''
    parts ??= partsOf(source.document, isWhole ? rules.hidden : undefined)
    const here = clip(parts, source.starts[line - 1] ?? 0, text.length)
    const isMasked = (part: Part) => part.isHidden || (isWhole && !isFree(part, rules))
    const visible = here.filter((part) => !isMasked(part))
    const masked = here.filter(isMasked).map((part) => trimSpan(text, part))
    return mergeSpans(
      [...masked, ...(isWhole ? findUnread(text, visible) : findSuspect(text))],
      text,
    )
  }
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

/**
 * Returns the parts of a file that does not parse which may name a secret's variable: all references but those behind a key that
 * is known to be harmless.
 */
export function suspectReferences(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => line.includes('$'))
    .flatMap((line) => findSuspect(line).map(({ start, end }) => line.slice(start, end)))
}

const KEY = /(?<![\w.-]|\$\{)([\w.-]+)["']?\s*[:=]/g

/**
 * The rule for a file that does not parse, where positions cannot be trusted: the line is shown up to the first key that is not
 * known to be harmless, or a comment. A line without a key may belong to any key, so it is masked.
 */
function findSuspect(text: string): readonly Span[] {
  const keys = [...text.matchAll(KEY)]
  const unknown = keys.find(([, key = '']) => !PUBLIC_KEYS.has(key))
  const ends = [
    text.search(/(^|\s)#/),
    unknown === undefined ? -1 : unknown.index + unknown[0].length,
  ]
  const start = keys.length === 0 ? 0 : Math.min(...ends.filter((end) => end >= 0))
  return start < text.length ? [trimSpan(text, { start, end: text.length }, EDGE)] : []
}
