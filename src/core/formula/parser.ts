import type { ConfigError } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import { formulaError, type Span } from './problem.ts'
import {
  type BinaryOperator,
  COMPARISONS,
  type ComparisonOperator,
  type FormulaNode,
  FUNCTION_ARITY,
  isFormulaFunction,
} from './syntax.ts'
import { type Token, tokenize } from './tokens.ts'

/** Longest accepted text, in characters, and deepest nesting: a formula is written by a person. */
const LENGTH_MAX = 2_000
const DEPTH_MAX = 64

/**
 * Parses a formula by recursive descent. Binding, loosest first: or, and, not, comparison, + -, * /, unary -.
 * @param variables the names it may use; undefined allows any
 * @throws ConfigError `FORMULA_SYNTAX` or `FORMULA_UNKNOWN_NAME`
 */
export function parseTree(text: string, variables: readonly string[] | undefined): FormulaNode {
  if (text.length > LENGTH_MAX) {
    const message = `A formula has at most ${LENGTH_MAX} characters, this one has ${text.length}.`
    throw formulaError('FORMULA_SYNTAX', message, text.slice(0, 60), { offset: 0, length: 1 })
  }
  return new Parser(text, variables).parse()
}

class Parser {
  readonly #text: string
  readonly #variables: readonly string[] | undefined
  readonly #tokens: readonly Token[]
  #position = 0
  #depth = 0

  constructor(text: string, variables: readonly string[] | undefined) {
    this.#text = text
    this.#variables = variables
    this.#tokens = tokenize(text)
  }

  parse(): FormulaNode {
    const tree = this.#or()
    if (this.#next.kind !== 'end') throw this.#unexpected("an operator such as '<' or 'and'")
    return tree
  }

  get #next(): Token {
    return this.#tokens[this.#position] as Token
  }

  #take(): Token {
    const token = this.#next
    this.#position += 1
    return token
  }

  #isSymbol(...texts: readonly string[]): boolean {
    return this.#next.kind === 'symbol' && texts.includes(this.#next.text)
  }

  #or(): FormulaNode {
    return this.#leftToRight(['or'], () => this.#and())
  }

  #and(): FormulaNode {
    return this.#leftToRight(['and'], () => this.#not())
  }

  #not(): FormulaNode {
    if (!this.#isSymbol('not')) return this.#comparison()
    this.#take()
    return { kind: 'not', operand: this.#nested(() => this.#not()) }
  }

  #comparison(): FormulaNode {
    const start = this.#next.offset
    const left = this.#sum()
    if (!this.#isSymbol(...COMPARISONS)) return left
    const token = this.#take()
    const middle = this.#next.offset
    const right = this.#sum()
    if (this.#isSymbol(...COMPARISONS)) throw this.#chained(start, token, middle)
    const end = this.#next.offset
    return {
      kind: 'comparison',
      operator: token.text as ComparisonOperator,
      left,
      right,
      span: this.#span(start, end),
      leftSpan: this.#span(start, token.offset),
      rightSpan: this.#span(middle, end),
    }
  }

  /** The part of the text from a token to before another one, without the blanks between. */
  #span(offset: number, end: number): Span {
    return { offset, length: this.#text.slice(offset, end).trimEnd().length }
  }

  #sum(): FormulaNode {
    return this.#leftToRight(['+', '-'], () => this.#product())
  }

  #product(): FormulaNode {
    return this.#leftToRight(['*', '/'], () => this.#unary())
  }

  #unary(): FormulaNode {
    if (!this.#isSymbol('-', '+')) return this.#primary()
    const sign = this.#take().text
    const operand = this.#nested(() => this.#unary())
    return sign === '-' ? { kind: 'negate', operand } : operand
  }

  #primary(): FormulaNode {
    const token = this.#next
    if (token.kind === 'number') return { kind: 'number', value: this.#take().value }
    if (token.kind === 'name') return this.#name()
    if (!this.#isSymbol('(')) throw this.#unexpected("a number, a name or '('")
    this.#take()
    const inner = this.#nested(() => this.#or())
    this.#expect(')')
    return inner
  }

  #name(): FormulaNode {
    const token = this.#take()
    if (this.#isSymbol('(')) return this.#call(token)
    const known = this.#variables
    if (known !== undefined && !known.includes(token.text)) throw this.#unknown(token, known)
    return { kind: 'variable', name: token.text, offset: token.offset }
  }

  #call(token: Token): FormulaNode {
    const name = token.text
    if (!isFormulaFunction(name)) throw this.#unknownFunction(token)
    const args = this.#nested(() => this.#arguments())
    const arity = FUNCTION_ARITY[name]
    if (args.length === arity) return { kind: 'call', name, args }
    const message = `${name} takes ${arity} argument${arity === 1 ? '' : 's'}, found ${args.length}.`
    throw formulaError('FORMULA_SYNTAX', message, this.#text, token)
  }

  #arguments(): readonly FormulaNode[] {
    this.#expect('(')
    const args: FormulaNode[] = []
    while (!this.#isSymbol(')')) {
      if (args.length > 0) this.#expect(',')
      args.push(this.#or())
    }
    this.#expect(')')
    return args
  }

  #leftToRight(operators: readonly BinaryOperator[], operand: () => FormulaNode): FormulaNode {
    let left = operand()
    while (this.#isSymbol(...operators)) {
      const operator = this.#take().text as BinaryOperator
      left = { kind: 'binary', operator, left, right: operand() }
    }
    return left
  }

  #nested<R>(parse: () => R): R {
    this.#depth += 1
    if (this.#depth > DEPTH_MAX) {
      const message = `A formula nests at most ${DEPTH_MAX} levels deep.`
      throw formulaError('FORMULA_SYNTAX', message, this.#text, this.#next)
    }
    const result = parse()
    this.#depth -= 1
    return result
  }

  #expect(symbol: string): void {
    if (!this.#isSymbol(symbol)) throw this.#unexpected(`'${symbol}'`)
    this.#take()
  }

  #unexpected(expected: string): ConfigError {
    const token = this.#next
    if (token.kind === 'end') {
      const empty = this.#tokens.length === 1
      const message = empty ? 'The formula is empty' : 'The formula ends too early'
      return this.#syntax(`${message}: expected ${expected}.`, token)
    }
    const found = this.#text.slice(token.offset, token.offset + token.length)
    const hint = token.kind === 'name' ? didYouMean(token.text, ['and', 'or', 'not']) : ''
    return this.#syntax(`Expected ${expected}, found '${found}'.${hint}`, token)
  }

  /** `1 < a < 3` means something else in most languages than in mathematics: refused, with the way to say it. */
  #chained(start: number, first: Token, middle: number): ConfigError {
    const middleEnd = this.#next.offset
    const second = this.#take()
    const last = this.#next.offset
    this.#sum()
    const lastEnd = this.#next.offset
    const slice = (from: number, to: number) => this.#text.slice(from, to).trim()
    const shared = slice(middle, middleEnd)
    const left = `${slice(start, first.offset)} ${first.text} ${shared}`
    const right = `${shared} ${second.text} ${slice(last, lastEnd)}`
    return this.#syntax(`Comparisons cannot be chained. Write '${left} and ${right}'.`, second)
  }

  #unknown(token: Token, known: readonly string[]): ConfigError {
    const message = `Unknown name '${token.text}' in a formula.${didYouMean(token.text, known)} Known: ${known.join(', ') || 'none'}.`
    return formulaError('FORMULA_UNKNOWN_NAME', message, this.#text, token)
  }

  #unknownFunction(token: Token): ConfigError {
    const known = Object.keys(FUNCTION_ARITY)
    const message = `Unknown function '${token.text}' in a formula.${didYouMean(token.text, known)} Known: ${known.join(', ')}.`
    return formulaError('FORMULA_UNKNOWN_NAME', message, this.#text, token)
  }

  #syntax(message: string, span: Span): ConfigError {
    return formulaError('FORMULA_SYNTAX', message, this.#text, span)
  }
}
