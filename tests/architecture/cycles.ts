import type { ImportGraph } from './layers.ts'
import type { Violation } from './source-tree.ts'

/** Finds circles of imports by depth-first search; each is reported once, from its first file in order of path. */
export function findCycles(graph: ImportGraph): readonly Violation[] {
  const done = new Set<string>()
  const circles = new Map<string, readonly string[]>()
  for (const start of graph.keys()) visit(start, [])
  return [...circles.values()].map(violation)

  function visit(path: string, trail: readonly string[]): void {
    const seenAt = trail.indexOf(path)
    if (seenAt !== -1) {
      const circle = trail.slice(seenAt)
      circles.set([...circle].sort().join(), circle)
    }
    if (seenAt !== -1 || done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
}

function violation(circle: readonly string[]): Violation {
  const first = circle[0] as string
  return {
    where: first,
    what: `imports itself through ${[...circle.slice(1), first].join(' → ')}.`,
    remedy: 'Move what both sides need into a file of its own that imports neither.',
  }
}
