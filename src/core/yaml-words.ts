import type { YAMLError } from 'yaml'

/** What the parser says, by the beginning of its message, and what it means to who wrote the file. The first that fits counts. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Tabs are not/, 'a tab stands where a line is indented. Indent with blanks'],
  [
    /^(Implicit keys need|Implicit map keys need)/,
    "a ':' with a blank behind it is missing here. Write key: value",
  ],
  [
    /^Flow sequence in|end with a? ?\]/,
    "a '[' above is not closed. Write ']' at the end of its list",
  ],
  [/^Flow map in|end with a? ?\}/, "a '{' above is not closed. Write '}' at the end of its map"],
  [/flow-(seq|map)-end token/, 'this bracket closes nothing. Remove it, or open it before'],
  [
    /^All (mapping|sequence|collection) items must/,
    'this line is not in line with those before it. Entries that belong together begin in the same column',
  ],
  [/^Missing closing/, 'a text in quotes is not closed. Write the same quote at its end'],
  [
    /^Invalid escape/,
    "the backslash begins nothing that YAML knows. Write \\\\ for one, or put the text in ' '",
  ],
  [/^Plain value cannot start/, 'a text that begins with this character needs quotes'],
  [/^Unresolved tag/, "a text that begins with '!' needs quotes"],
  [/block-seq-ind on same line/, 'a list begins on the line below its key. Or write [a, b] here'],
  [
    /^A block sequence may not be/,
    "a '-' stands here among keys. Indent it below the key of its list",
  ],
  [/^Block collections are not/, 'a comma is missing between the entries in { } or [ ]'],
  [/^Unexpected , in/, 'a value is missing before this comma'],
  [/^Block scalar header/, "nothing may stand behind '|' or '>' on its line"],
  [
    / at node end/,
    'something stands behind the end of a value. Put the whole text in quotes, or write a comma between two values',
  ],
  [/^Anchor cannot/, "'&' gives a name, such as &base. A text that begins with it needs quotes"],
  [/^An alias node/, "'&' and '*' cannot name the same value"],
  [/directive|YAML version/i, "a line that begins with '%' is not text. Put it in quotes"],
]

/**
 * Says in our words what is wrong with a YAML file. The parser quotes the file, and that may be a secret: what it says is never
 * passed on but for the words in front of a quotation.
 */
export function wordsOf({ code, message }: YAMLError, rest: string): string {
  if (code === 'MULTIPLE_DOCS') return "a file holds one document: remove this '---'."
  if (/^Nested mappings are/.test(message)) return `not valid YAML: ${nestedWords(rest)}.`
  const own = WORDS.find(([begins]) => begins.test(message))?.[1]
  const said = message.replace(/:\s.*/s, '').replace(/\s+/g, ' ').replace(/\.$/, '')
  return `not valid YAML: ${own ?? said}.`
}

/** @param rest the line from the place of the error on */
function nestedWords(rest: string): string {
  return /:(\s|$)/.test(rest)
    ? "a second ':' stands in this line. Put a text with ': ' in quotes"
    : 'the line below is indented deeper than its neighbours, as if it belonged to this value'
}
