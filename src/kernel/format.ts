import type { CompareNode, Condition, CrossNode, Scalar, Series } from './expression.ts'

/** A text of a graph never gets longer than this: shared nodes are written wherever they occur. */
const TEXT_MAX = 20_000

const RELATIONS = { above: '>', below: '<', at_least: '>=', at_most: '<=' } as const
const BUILDERS = {
  above: 'above',
  below: 'below',
  at_least: 'atLeast',
  at_most: 'atMost',
  crosses_above: 'crossesAbove',
  crosses_below: 'crossesBelow',
} as const
const INFIX: Readonly<Record<string, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
}

/** Writes a condition in the language of rules: `close > sma(close, 20) and crosses_above(...)`. */
export function formatCondition(condition: Condition): string {
  return new Formatter().condition(condition)
}

export function formatValue(value: Series | Scalar): string {
  return new Formatter().value(value)
}

/** Writes any node as its author did: `above(close, sma(close, period))`. */
export function formatNode(node: unknown): string {
  const { kind } = node as { readonly kind: string }
  const isValue = ['column', 'operation', 'param', 'scalar'].includes(kind)
  const text = isValue
    ? formatValue(node as Series)
    : new Formatter(true).condition(node as Condition)
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}

/** Writes each node once and cuts what is too long to read. */
class Formatter {
  readonly #texts = new Map<unknown, string>()
  readonly #isCode: boolean

  constructor(isCode = false) {
    this.#isCode = isCode
  }

  condition(node: Condition): string {
    return this.#once(node, () => (this.#isCode ? this.#builder(node) : this.#condition(node)))
  }

  value(node: Series | Scalar): string {
    return typeof node === 'number' ? String(node) : this.#once(node, () => this.#value(node))
  }

  #once(node: unknown, write: () => string): string {
    const known = this.#texts.get(node)
    if (known !== undefined) return known
    const text = write()
    const short = text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`
    this.#texts.set(node, short)
    return short
  }

  #builder(node: Condition): string {
    switch (node.kind) {
      case 'compare':
        return this.#sides(BUILDERS[node.relation], node)
      case 'cross':
        return this.#sides(BUILDERS[`crosses_${node.direction}`], node)
      case 'not':
        return `not(${this.condition(node.operand)})`
      default:
        return `${node.kind}(${this.condition(node.left)}, ${this.condition(node.right)})`
    }
  }

  #sides(name: string, { left, right }: CompareNode | CrossNode): string {
    return `${name}(${this.value(left)}, ${this.value(right)})`
  }

  #condition(condition: Condition): string {
    switch (condition.kind) {
      case 'compare': {
        const { left, relation, right } = condition
        return `${this.value(left)} ${RELATIONS[relation]} ${this.value(right)}`
      }
      case 'cross':
        return `crosses_${condition.direction}(${this.value(condition.left)}, ${this.value(condition.right)})`
      case 'not':
        return `not (${this.condition(condition.operand)})`
      default:
        return `${this.#operand(condition.left)} ${condition.kind} ${this.#operand(condition.right)}`
    }
  }

  #operand(condition: Condition): string {
    const text = this.condition(condition)
    return condition.kind === 'and' || condition.kind === 'or' ? `(${text})` : text
  }

  #value(value: Exclude<Series | Scalar, number>): string {
    if (value.kind === 'param') return value.name
    if (value.kind === 'column') return value.column
    if (value.kind === 'scalar') return this.#call(value.operation, [value.left, value.right])
    return this.#call(value.operation, [...value.inputs, ...value.params])
  }

  #call(operation: string, parts: readonly (Series | Scalar)[]): string {
    const texts = parts.map((part) => this.value(part))
    const sign = INFIX[operation]
    return sign === undefined ? `${operation}(${texts.join(', ')})` : `(${texts.join(` ${sign} `)})`
  }
}
