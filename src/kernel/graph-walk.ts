/** Walks over signal graphs. None of them recurses deeper than `LEVELS_MAX`: a plugin may build any depth, and reach one node in many ways. */

type Node = Readonly<Record<string, unknown>>

const PART_FIELDS = ['left', 'right', 'operand'] as const
const LIST_FIELDS = ['inputs', 'params'] as const

/** The deepest graph that is planned: the planner and the kernel walk it level by level. */
export const LEVELS_MAX = 1_000
export const NODES_MAX = 20_000

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

/** The parts of a node in the order of its fields: nodes and numbers. */
export function partsOf(node: Node): readonly unknown[] {
  const parts: unknown[] = []
  for (const field of PART_FIELDS) if (field in node) parts.push(node[field])
  for (const field of LIST_FIELDS) {
    const list = node[field]
    if (Array.isArray(list)) parts.push(...list)
  }
  return parts
}

/** Returns every node that roots reach, once, parts before what is made of them; a string says why there is no such order. */
export function nodesOf(roots: readonly unknown[]): readonly Node[] | string {
  const depths = new Map<Node, number>()
  const order: Node[] = []
  const stack = roots.filter(isNode).reverse()
  const open = new Set<Node>()
  while (stack.length > 0) {
    const node = stack[stack.length - 1] as Node
    if (depths.has(node)) {
      stack.pop()
      continue
    }
    const parts = partsOf(node).filter(isNode)
    const missing = parts.filter((part) => !depths.has(part))
    if (missing.length > 0) {
      open.add(node)
      if (missing.some((part) => open.has(part))) return 'a node contains itself'
      stack.push(...missing.reverse())
      if (stack.length > NODES_MAX * 4) return tooLarge()
      continue
    }
    const depth = parts.reduce((deepest, part) => Math.max(deepest, depths.get(part) ?? 0), 0) + 1
    depths.set(node, depth)
    open.delete(node)
    order.push(node)
    stack.pop()
    if (depth > LEVELS_MAX || order.length > NODES_MAX) return tooLarge()
  }
  return order
}

function tooLarge(): string {
  return `the graph is larger than ${NODES_MAX} nodes or deeper than ${LEVELS_MAX} levels`
}

const LABELS = ['kind', 'operation', 'relation', 'direction', 'column', 'name'] as const
const asItIs = (part: unknown) => part

/**
 * Returns whether two records of graphs, such as signals, compute the same in the same way. One of them is known to be no deeper
 * than `LEVELS_MAX`.
 * @param readOne gives what a part of `one` stands for, such as the number of a parameter
 */
export function areSameGraphs(
  one: object,
  other: object,
  readOne: (part: unknown) => unknown = asItIs,
  readOther: (part: unknown) => unknown = asItIs,
): boolean {
  const equal = new Map<unknown, Set<unknown>>()
  const areSame = (left: unknown, right: unknown): boolean => {
    if (!Array.isArray(left) || !Array.isArray(right)) return left === right
    return left.length === right.length && left.every((part, i) => isSame(part, right[i]))
  }
  const isSame = (left: unknown, right: unknown): boolean => {
    const a = readOne(left)
    const b = readOther(right)
    if (!isNode(a) || !isNode(b)) return Object.is(a, b)
    if (equal.get(a)?.has(b)) return true
    for (const label of LABELS) if (a[label] !== b[label]) return false
    for (const field of PART_FIELDS) if (!isSame(a[field], b[field])) return false
    for (const field of LIST_FIELDS) if (!areSame(a[field], b[field])) return false
    equal.set(a, (equal.get(a) ?? new Set()).add(b))
    return true
  }
  const roots = new Map(Object.entries(other))
  const named = Object.entries(one)
  return named.length === roots.size && named.every(([name, root]) => isSame(root, roots.get(name)))
}

/**
 * Writes a graph as text in which equal nodes occur once: the same for two graphs that compute the same in the same way.
 * Its length grows with the nodes, not with the ways to reach them.
 * @param roots named, such as the signals of a strategy
 */
export function graphText(roots: Readonly<Record<string, unknown>>): string {
  const ordered = nodesOf(Object.values(roots))
  if (typeof ordered === 'string') return ordered
  const ids = new Map<string, number>()
  const known = structuresOf(ordered, ids)
  const ends = Object.entries(roots).map(([name, root]) => `${name} ${partText(root, known)}`)
  return [...ids.keys(), ...ends].join('\n')
}

/**
 * Numbers nodes by their structure: equal ones get the same number, each node is looked at once.
 * @param ordered parts before what is made of them, as `nodesOf` gives them
 * @param ids numbers by structure, as far as they are known; new ones are added
 */
export function structuresOf(
  ordered: readonly Node[],
  ids: Map<string, number>,
): ReadonlyMap<unknown, number> {
  const known = new Map<unknown, number>()
  for (const node of ordered) {
    const words = LABELS.map((label) => node[label])
      .filter((it) => it !== undefined)
      .map(String)
    const text = [...words, ...partsOf(node).map((part) => partText(part, known))].join(' ')
    const id = ids.get(text) ?? ids.size
    ids.set(text, id)
    known.set(node, id)
  }
  return known
}

function partText(part: unknown, known: ReadonlyMap<unknown, number>): string {
  return isNode(part) ? `@${known.get(part)}` : numberText(part)
}

function numberText(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
