import { type NodeGroup, type Recorded, recordNodes } from './expression.ts'
import { formatNode } from './format.ts'
import { areSameGraphs, nodesOf, partsOf, structuresOf } from './graph-walk.ts'

/** How many nodes are hidden in turn at most, and how many are built for it: a large graph is looked at less closely. */
const HIDDEN_MAX = 200
const BUILT_MAX = 100_000

const ADVICE =
  'Join conditions with and() and or(): &&, ||, ! and ?: take the first or the last one and drop the other'

/**
 * Builds a strategy's signals several times over and returns the graph, or why it cannot be trusted: a second call gave
 * another one, something that was built is not in it, or the code looked whether a node is true.
 */
export function buildSignals(build: () => unknown): { readonly signals: unknown } | string {
  const first = recordNodes(build)
  const signals = first.result
  if (typeof signals !== 'object' || signals === null) return { signals }
  const roots = Object.values(signals)
  if (typeof nodesOf(roots) === 'string') return { signals }
  return (
    changed(signals, build) ??
    unreached(first, roots) ??
    lookedAt(first, signals, build) ?? { signals }
  )
}

function changed(signals: object, build: () => unknown): string | undefined {
  if (areSameGraphs(Object(build()), signals)) return undefined
  return 'signals builds another graph when it is called again. It has to follow from its arguments alone: no counter, clock or random number'
}

function unreached(built: Recorded<unknown>, roots: readonly unknown[]): string | undefined {
  const reached = reachedBy(roots)
  const used: unknown[] = [...roots]
  const groupsLeft: NodeGroup[] = []
  for (const group of built.groups) {
    const isUsed = group.outputs.some((output) => reached.has(output))
    if (isUsed) used.push(...group.nodes)
    else groupsLeft.push(group)
  }
  const all = reachedBy(used)
  const lost = built.nodes.filter((node) => !all.has(node))
  const inner = new Set(lost.flatMap((node) => partsOf(node as never)))
  // Of a builder with several outputs one is enough to name.
  for (const { nodes, outputs } of groupsLeft) {
    for (const node of nodes) inner.add(node)
    inner.delete(outputs[0])
  }
  const named = lost.filter((node) => !inner.has(node))
  const [only] = named.length > 0 ? named : lost
  if (only === undefined) return undefined
  const more = named.length > 1 ? ` and ${named.length - 1} more` : ''
  return `signals builds ${formatNode(only)}${more} and does not use it. ${ADVICE}; delete what is not needed`
}

function reachedBy(roots: readonly unknown[]): ReadonlySet<unknown> {
  const nodes = nodesOf(roots)
  return new Set<unknown>(typeof nodes === 'string' ? [] : nodes)
}

/**
 * Hides each node in turn behind a falsy value: a graph that is only built comes out the same. It may also come out smaller, which
 * is what joining conditions one by one looks like (`all = all ? and(all, next) : next`): nothing is dropped there. What only
 * the other graph has is.
 */
function lookedAt(
  { nodes }: Recorded<unknown>,
  signals: object,
  build: () => unknown,
): string | undefined {
  const count = Math.min(nodes.length, HIDDEN_MAX, Math.floor(BUILT_MAX / nodes.length))
  for (let index = 0; index < count; index++) {
    const other = resultWithout(index, build)
    if (other !== undefined && (areSameGraphs(other, signals) || isPartOf(other, signals))) continue
    return `signals asks whether ${formatNode(nodes[index])} is true (&&, ||, !, ?:, if, filter(Boolean)), but it is a description and always there. ${ADVICE}`
  }
  return undefined
}

function isPartOf(some: object, signals: object): boolean {
  const ids = new Map<string, number>()
  const whole = structuresBySignal(signals, ids)
  return [...structuresBySignal(some, ids)].every(
    ([name, numbers]) => whole.get(name)?.isSupersetOf(numbers) === true,
  )
}

type Structures = ReadonlyMap<string, ReadonlySet<number>>

/** The structures that each signal joins by `and`, `or` and `not`, and what they are made of, by number. */
function structuresBySignal(signals: object, ids: Map<string, number>): Structures {
  return new Map(
    Object.entries(signals).map(([name, root]) => {
      const nodes = nodesOf([root])
      if (typeof nodes === 'string') return [name, new Set<number>()]
      const known = structuresOf(nodes, ids)
      const joined = nodes.filter(({ kind }) => kind !== 'and' && kind !== 'or' && kind !== 'not')
      return [name, new Set(joined.map((node) => known.get(node) as number))]
    }),
  )
}

/** undefined when it throws without the node. */
function resultWithout(index: number, build: () => unknown): object | undefined {
  try {
    return Object(recordNodes(build, index).result)
  } catch {
    return undefined
  }
}
