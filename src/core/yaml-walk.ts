import { isMap, isNode, isSeq, type Node } from 'yaml'

export type Role = 'key' | 'value'

/**
 * Shows a node and all that is in it, in the order of the file, but nothing below a node for which `see` returns false. The
 * parser's own `visit` copies the path to each node, and what it makes of a file that does not parse may nest as deep as the file is long.
 */
export function walk(top: unknown, see: (node: Node, role: Role) => boolean): void {
  const open: [node: unknown, role: Role][] = [[top, 'value']]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, role] = next
    if (!isNode(node) || !see(node, role)) continue
    if (isMap(node)) {
      for (const { key, value } of node.items.toReversed())
        open.push([value, 'value'], [key, 'key'])
    } else if (isSeq(node)) {
      for (const item of node.items.toReversed()) open.push([item, 'value'])
    }
  }
}
