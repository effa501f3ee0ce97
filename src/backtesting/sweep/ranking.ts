import type { Evaluate } from '../../core/formula.ts'
import { LOWER_IS_BETTER, METRICS, type MetricName, metricsOfRow } from '../../core/metrics.ts'
import type { RankedPoint } from '../results.ts'
import { compileFormula } from './formula.ts'
import { type Grid, pointRecord, writePoint } from './grid.ts'
import { holds } from './survivors.ts'

export interface RankingRequest {
  readonly grid: Grid
  readonly objective: MetricName
  /** Formulas over metrics and parameters that a row must satisfy to be ranked. */
  readonly constraints: readonly string[]
  readonly top: number
}

interface Candidate {
  readonly index: number
  /** The objective turned so that more is better; −Infinity when it is not computable. */
  readonly score: number
  readonly metrics: Float64Array
}

/**
 * The best `top` rows of a stream, whatever their order of arrival: ties go to the lower canonical index and rows
 * without an objective come last. Memory is bounded by `top`.
 */
export class Ranking {
  readonly #request: RankingRequest
  readonly #constraints: readonly Evaluate[]
  /** The metrics of a row, then its parameters: what constraints read. */
  readonly #variables: Float64Array
  readonly #column: number
  readonly #sign: 1 | -1
  /** Binary heap with the worst candidate at its root. */
  readonly #heap: Candidate[] = []
  #eligible = 0

  constructor(request: RankingRequest) {
    this.#request = request
    const names = [...METRICS, ...request.grid.axes.map((axis) => axis.name)]
    this.#constraints = request.constraints.map((text) => compileFormula(text, names))
    this.#variables = new Float64Array(names.length)
    this.#column = METRICS.indexOf(request.objective)
    this.#sign = LOWER_IS_BETTER.has(request.objective) ? -1 : 1
  }

  /** How many rows so far satisfied every constraint. */
  get eligible(): number {
    return this.#eligible
  }

  /** Takes in row `row` of a row-major table of metrics, of the combination with canonical index `index`. */
  add(index: number, table: Float64Array, row: number): void {
    const start = row * METRICS.length
    if (!this.#satisfies(index, table, start)) return
    this.#eligible++
    const score = this.#scoreOf(table[start + this.#column] as number)
    if (!this.#admits(index, score)) return
    this.#insert({ index, score, metrics: table.slice(start, start + METRICS.length) })
  }

  /** Returns the ranked points, best first. */
  list(): readonly RankedPoint[] {
    const sorted = [...this.#heap].sort((a, b) => (isWorse(a, b) ? 1 : -1))
    return sorted.map(({ index, metrics }, i) => ({
      rank: i + 1,
      params: pointRecord(this.#request.grid, index),
      metrics: metricsOfRow(metrics),
    }))
  }

  #satisfies(index: number, table: Float64Array, start: number): boolean {
    if (this.#constraints.length === 0) return true
    for (let i = 0; i < METRICS.length; i++) this.#variables[i] = table[start + i] as number
    writePoint(this.#request.grid, index, this.#variables, METRICS.length)
    return this.#constraints.every((constraint) => holds(constraint(this.#variables, 0)))
  }

  #scoreOf(objective: number): number {
    return Number.isNaN(objective) ? Number.NEGATIVE_INFINITY : this.#sign * objective
  }

  #admits(index: number, score: number): boolean {
    if (this.#heap.length < this.#request.top) return true
    const worst = this.#heap[0]
    return worst !== undefined && isWorse(worst, { index, score })
  }

  #insert(candidate: Candidate): void {
    if (this.#heap.length < this.#request.top) {
      this.#heap.push(candidate)
      siftUp(this.#heap)
    } else {
      this.#heap[0] = candidate
      siftDown(this.#heap)
    }
  }
}

type Placed = Pick<Candidate, 'index' | 'score'>

function isWorse(a: Placed, b: Placed): boolean {
  return a.score === b.score ? a.index > b.index : a.score < b.score
}

function siftUp(heap: Candidate[]): void {
  let child = heap.length - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (!isWorse(heap[child] as Candidate, heap[parent] as Candidate)) return
    swap(heap, child, parent)
    child = parent
  }
}

function siftDown(heap: Candidate[]): void {
  let parent = 0
  for (;;) {
    const worst = worstOf(heap, [parent, 2 * parent + 1, 2 * parent + 2])
    if (worst === parent) return
    swap(heap, parent, worst)
    parent = worst
  }
}

function worstOf(heap: readonly Candidate[], places: readonly number[]): number {
  return places.reduce((worst, place) =>
    place < heap.length && isWorse(heap[place] as Candidate, heap[worst] as Candidate)
      ? place
      : worst,
  )
}

function swap(heap: Candidate[], a: number, b: number): void {
  const held = heap[a] as Candidate
  heap[a] = heap[b] as Candidate
  heap[b] = held
}
