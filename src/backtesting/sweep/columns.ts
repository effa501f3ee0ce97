import { invariant } from '../../core/errors.ts'
import { nodesOf, partsOf } from '../../kernel/graph-walk.ts'
import type { SignalProgram } from '../../kernel/program.ts'

/**
 * Returns, for each structurally distinct indicator node of the program, the parameters that its values depend on.
 * A node yields one column per combination of those parameters' values, whatever else the grid varies.
 */
export function columnDependencies(program: SignalProgram): readonly ReadonlySet<string>[] {
  const nodes = nodesOf(Object.values(program.signals))
  invariant(typeof nodes !== 'string', 'the graph of a program was checked')
  // Parts come first, so that a node is told by its own fields and the numbers of its parts: each is looked at once.
  const numbers = new Map<string, number>()
  const known = new Map<unknown, Known>()
  const columns = new Map<number, ReadonlySet<string>>()
  for (const node of nodes) {
    const parts = partsOf(node)
    const own = Object.values(node).filter((value) => typeof value === 'string')
    const named = (part: unknown) =>
      typeof part === 'number' ? `=${part}` : `#${known.get(part)?.number}`
    const key = [...own, ...parts.map(named)].join(' ')
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    const params = new Set(parts.flatMap((part) => [...(known.get(part)?.params ?? [])]))
    if (node.kind === 'param') params.add(String(node.name))
    known.set(node, { number, params })
    if (node.kind === 'operation') columns.set(number, params)
  }
  return [...columns.values()]
}

interface Known {
  /** The same for nodes of the same structure. */
  readonly number: number
  readonly params: ReadonlySet<string>
}

/** Returns how many distinct columns a box of points needs, given the number of values of each parameter in it. */
export function countColumns(
  dependencies: readonly ReadonlySet<string>[],
  sideOf: (param: string) => number,
): number {
  let count = 0
  for (const params of dependencies) {
    let product = 1
    for (const name of params) product *= sideOf(name)
    count += product
  }
  return count
}
