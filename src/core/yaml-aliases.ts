import { type Alias, type Document, isAlias, type Node } from 'yaml'
import { walk } from './yaml-walk.ts'

/**
 * Returns the node that each alias of a document names, the last anchor of its name above it, in one pass: the parser's own `resolve`
 * walks the document anew for every alias. One that names nothing is left out.
 */
export function namedByAliases(document: Document): ReadonlyMap<Alias, Node> {
  const aliased = new Map<Alias, Node>()
  const anchors = new Map<string, Node>()
  walk(document.contents, (node) => {
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target !== undefined) aliased.set(node, target)
    } else if ('anchor' in node && typeof node.anchor === 'string') anchors.set(node.anchor, node)
    return true
  })
  return aliased
}
