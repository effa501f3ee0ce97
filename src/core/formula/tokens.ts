import { formulaError } from './problem.ts'

export interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end'
  /** As written, except that `&&`, `||` and `!` read as `and`, `or` and `not`. */
  readonly text: string
  /** Value of a number token, NaN otherwise. */
  readonly value: number
  readonly offset: number
  readonly length: number
}

const NUMBER = /(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?(%?)/y
const NUMBER_TAIL = /[A-Za-z0-9_.]+/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const SYMBOL = /<=|>=|==|!=|&&|\|\||[-+*/<>!(),]/y
const BLANK = /\s*/y
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['&&', 'and'],
  ['||', 'or'],
  ['!', 'not'],
])
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not'])

const HINTS: ReadonlyMap<string, string> = new Map([
  ['=', "To compare, write '=='."],
  ['&', "Write 'and' or '&&'."],
  ['|', "Write 'or' or '||'."],
  ['%', 'A percent sign directly follows a number: 5% is 0.05.'],
  ['^', 'Powers are not part of formulas: multiply instead.'],
  ['?', "Conditions are joined with 'and', 'or' and 'not'."],
])

/** Cuts a formula into tokens, the last of which has the kind `end`. @throws ConfigError `FORMULA_SYNTAX` */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let offset = skipBlank(text, 0)
  while (offset < text.length) {
    const token = readToken(text, offset)
    tokens.push(token)
    offset = skipBlank(text, offset + token.length)
  }
  tokens.push({ kind: 'end', text: '', value: Number.NaN, offset: text.length, length: 0 })
  return tokens
}

function readToken(text: string, offset: number): Token {
  const number = matchAt(NUMBER, text, offset)
  if (number !== null) return numberToken(text, offset, number)
  const name = matchAt(NAME, text, offset)?.[0]
  if (name !== undefined) return plainToken(WORDS.has(name) ? 'symbol' : 'name', name, offset)
  const symbol = matchAt(SYMBOL, text, offset)?.[0]
  if (symbol !== undefined) return plainToken('symbol', symbol, offset)
  throw unexpectedCharacter(text, offset)
}

function plainToken(kind: 'name' | 'symbol', written: string, offset: number): Token {
  const text = SPELLINGS.get(written) ?? written
  return { kind, text, value: Number.NaN, offset, length: written.length }
}

function numberToken(text: string, offset: number, match: RegExpExecArray): Token {
  const [written, mantissa, exponent = '0', percent] = match
  refuseNumberTail(text, offset, match)
  // A percentage shifts the decimal exponent, so that 0.7% is the double nearest to 0.007.
  const shift = percent === '%' ? 2 : 0
  const value = Number(`${mantissa}e${Number(exponent) - shift}`)
  return { kind: 'number', text: written, value, offset, length: written.length }
}

/** Refuses `4h`, `1.2.3` and the like, which would otherwise read as two tokens. */
function refuseNumberTail(text: string, offset: number, [written]: RegExpExecArray): void {
  const end = offset + written.length
  const tail = matchAt(NUMBER_TAIL, text, end)?.[0]
  if (tail === undefined) return
  throw formulaError('FORMULA_SYNTAX', `'${written}${tail}' is not a number.`, text, {
    offset,
    length: written.length + tail.length,
  })
}

function unexpectedCharacter(text: string, offset: number): Error {
  const character = String.fromCodePoint(text.codePointAt(offset) as number)
  const hint = HINTS.get(character)
  return formulaError(
    'FORMULA_SYNTAX',
    `Unexpected '${character}' in a formula.${hint === undefined ? '' : ` ${hint}`}`,
    text,
    { offset, length: character.length },
  )
}

function skipBlank(text: string, offset: number): number {
  return offset + (matchAt(BLANK, text, offset)?.[0].length ?? 0)
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset
  return pattern.exec(text)
}
