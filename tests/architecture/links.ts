import { dirname, join } from 'node:path'
import { filesOf, type SourceTree, type Violation } from './source-tree.ts'

const LINK = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)/g

/**
 * Finds links between our own pages that lead to no file, or to no heading of it. Links with a scheme are not followed.
 * @param exists tells whether a path relative to the root is a file or a folder
 */
export function findBrokenLinks(
  tree: SourceTree,
  exists: (path: string) => boolean,
): readonly Violation[] {
  return [...filesOf(tree, '.md')].flatMap(([path, text]) => {
    const prose = withoutCode(text)
    return [...prose.matchAll(LINK)].flatMap((match) => {
      const what = problemOf(path, match[1] as string, tree, exists)
      const line = prose.slice(0, match.index).split('\n').length
      const remedy = 'Correct the link or write the page.'
      return what === undefined ? [] : [{ where: `${path}:${line}`, what, remedy }]
    })
  })
}

function problemOf(
  from: string,
  link: string,
  tree: SourceTree,
  exists: (path: string) => boolean,
): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined
  const [file = '', anchor] = decodeURIComponent(link).split('#')
  const target = file === '' ? from : join(dirname(from), file)
  if (!exists(target)) return `the link '${link}' leads to ${target}, which does not exist.`
  const page = tree.get(target)
  if (anchor === undefined || page === undefined || anchorsOf(page).has(anchor)) return undefined
  return `the link '${link}' names a heading that ${target} does not have.`
}

/** The anchors of a page's headings, as GitHub makes them: repeated ones get -1, -2, ... */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutFences(page).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = slugOf(heading)
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

function slugOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
  return text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
}

function withoutFences(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, blank)
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, blank)
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
