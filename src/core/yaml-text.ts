/** What a person writes is far below; the parser's time grows with the square of the depth, and its stack ends. */
const DEPTH_MAX = 64
const BRACKETS = /[[\]{}]/g
/** `- - - x` is a list in a list in a list, as are `? ? ? x` and `: : : x`. */
const COMPACT = new RegExp(`(?:[-?:][ \\t]+){${DEPTH_MAX}}`)

/** Says why a text is not given to the parser, counting brackets also in quotes: so many that stay open stand nowhere. */
export function findYamlRefusal(
  text: string,
): { readonly at: number; readonly message: string } | undefined {
  const tooDeep = (at: number) => ({ at, message: `nested more than ${DEPTH_MAX} levels deep.` })
  let depth = 0
  for (const { 0: bracket, index } of text.matchAll(BRACKETS)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1)
    if (depth > DEPTH_MAX) return tooDeep(index)
  }
  const compact = COMPACT.exec(text)
  if (compact !== null) return tooDeep(compact.index)
  const crowded = findCrowdedLine(text)
  if (crowded !== undefined) return tooDeep(crowded)
  const control = text.indexOf('\0')
  return control < 0
    ? undefined
    : { at: control, message: 'a NUL character stands here; is it text?' }
}

/**
 * Returns where a line nests too many maps (`a: b: c: `), which the parser refuses too, but in time that grows with the square of
 * their number. What stands between brackets or in a list is no nesting.
 */
function findCrowdedLine(text: string): number | undefined {
  let count = 0
  for (const { 0: mark, index } of text.matchAll(/:[ \t]|[\n,[\]{}]/g)) {
    count = mark.startsWith(':') ? count + 1 : 0
    if (count > DEPTH_MAX) return index
  }
  return undefined
}
