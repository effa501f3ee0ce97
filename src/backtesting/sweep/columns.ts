import { invariant } from '../../core/errors.ts'
import { nodesOf, partsOf, structuresOf } from '../../kernel/graph-walk.ts'
import type { SignalProgram } from '../../kernel/program.ts'

/**
 * Returns, for each structurally distinct indicator node of the program, the parameters that its values depend on.
 * A node yields one column per combination of those parameters' values, whatever else the grid varies.
 */
export function columnDependencies(program: SignalProgram): readonly ReadonlySet<string>[] {
  const nodes = nodesOf(Object.values(program.signals))
  invariant(typeof nodes !== 'string', 'the graph of a program was checked')
  const structures = structuresOf(nodes, new Map())
  const params = new Map<unknown, ReadonlySet<string>>()
  const columns = new Map<number | undefined, ReadonlySet<string>>()
  // Parts come first.
  for (const node of nodes) {
    const within = new Set(partsOf(node).flatMap((part) => [...(params.get(part) ?? [])]))
    if (node.kind === 'param') within.add(String(node.name))
    params.set(node, within)
    if (node.kind === 'operation') columns.set(structures.get(node), within)
  }
  return [...columns.values()]
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
