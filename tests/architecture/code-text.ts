/**
 * Returns a script with comments, strings and regular expressions blanked out, so that a search finds code only.
 * Length and line breaks stay, and so does the code inside `${}` of template literals.
 */
export function codeOnly(text: string): string {
  const code = text.split('')
  const templates: number[] = []
  let index = 0
  let before = ''
  while (index < text.length) {
    const end = endOfText(text, index, before, templates)
    if (end > index) {
      for (let i = index; i < end; i += 1) if (code[i] !== '\n') code[i] = ' '
      if (!isComment(text, index)) before = '"'
      index = end
      continue
    }
    const character = text[index] as string
    trackBraces(character, templates)
    if (character.trim() !== '')
      before = /\w/.test(character) ? wordEndingAt(text, index) : character
    index += 1
  }
  return code.join('')
}

function isComment(text: string, index: number): boolean {
  return text.startsWith('//', index) || text.startsWith('/*', index)
}

/** Returns where the comment, string or pattern that starts at `index` ends; `index` if none starts there. */
function endOfText(text: string, index: number, before: string, templates: number[]): number {
  const rest = text[index] as string
  if (text.startsWith('//', index)) return endOf(text, '\n', index) - 1
  if (text.startsWith('/*', index)) return endOf(text, '*/', index + 2)
  if (rest === "'" || rest === '"') return endOfQuoted(text, index, rest)
  if (rest === '`' || (rest === '}' && templates.at(-1) === 0)) {
    if (rest === '}') templates.pop()
    return endOfTemplate(text, index, templates)
  }
  const startsPattern = rest === '/' && PATTERN_FOLLOWS.test(before)
  return startsPattern ? endOfPattern(text, index) : index
}

/** What may stand before a `/` that opens a pattern: nothing, an operator, an opening bracket or one of these words. */
const PATTERN_FOLLOWS = /^$|^[-+*/%=<>!&|^~?:;,({[]$|^(return|typeof|case|in|of|void|yield|await)$/

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? text.length + (mark === '\n' ? 1 : 0) : found + mark.length
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1
    else if (text[i] === quote) return i + 1
  }
  return text.length
}

function endOfTemplate(text: string, start: number, templates: number[]): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1
    else if (text[i] === '`') return i + 1
    else if (text.startsWith('${', i)) {
      templates.push(0)
      return i + 2
    }
  }
  return text.length
}

function endOfPattern(text: string, start: number): number {
  let isInClass = false
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1
    else if (text[i] === '[') isInClass = true
    else if (text[i] === ']') isInClass = false
    else if (text[i] === '/' && !isInClass) return i + 1
  }
  return text.length
}

/** Counts open braces inside the innermost `${}`, whose own closing brace ends it. */
function trackBraces(character: string, templates: number[]): void {
  const depth = templates.at(-1)
  if (depth === undefined) return
  if (character === '{') templates[templates.length - 1] = depth + 1
  if (character === '}') templates[templates.length - 1] = depth - 1
}

function wordEndingAt(text: string, index: number): string {
  return /\w+$/.exec(text.slice(Math.max(0, index - 20), index + 1))?.[0] ?? ''
}
