import type { Scalar } from '../../kernel/expression.ts'
import type { SignalProgram } from '../../kernel/program.ts'

/**
 * Returns, for each structurally distinct indicator node of the program, the parameters that its values depend on.
 * A node yields one column per combination of those parameters' values, whatever else the grid varies.
 */
export function columnDependencies(program: SignalProgram): readonly ReadonlySet<string>[] {
  const columns = new Map<string, ReadonlySet<string>>()
  const visited = new Set<object>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || visited.has(value)) return
    visited.add(value)
    if ('kind' in value && value.kind === 'operation') {
      columns.set(JSON.stringify(value), paramsWithin(value))
    }
    for (const child of Object.values(value)) visit(child)
  }
  visit(program.signals)
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

function paramsWithin(node: object): ReadonlySet<string> {
  const names = new Set<string>()
  const visited = new Set<object>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || visited.has(value)) return
    visited.add(value)
    if (isParam(value)) names.add(value.name)
    for (const child of Object.values(value)) visit(child)
  }
  visit(node)
  return names
}

function isParam(value: object): value is Extract<Scalar, { kind: 'param' }> {
  return 'kind' in value && value.kind === 'param'
}
