import {
  isNoLoss,
  LOWER_IS_BETTER,
  METRICS,
  type MetricName,
  metricsOfRow,
} from '../../core/metrics.ts'
import type { RankedPoint, UndecidedRows } from '../results.ts'
import { compileJudge, type Judge } from './formula.ts'
import { type Grid, pointRecord, writePoint } from './grid.ts'

export interface RankingRequest {
  readonly grid: Grid
  readonly objective: MetricName
  /** Formulas over metrics and parameters that a row must satisfy to be ranked. */
  readonly constraints: readonly string[]
  readonly top: number
}

interface Candidate {
  readonly index: number
  /** The objective turned so that more is better: +Infinity without a loss, −Infinity when it is not computable. */
  readonly score: number
  readonly totalReturn: number
  readonly metrics: Float64Array
}

const TOTAL_RETURN = METRICS.indexOf('total_return')

/**
 * The best `top` rows of a stream, whatever their order of arrival: ties go to the higher total return, then to the
 * lower canonical index, and rows without an objective come last. Memory is bounded by `top`.
 */
export class Ranking {
  readonly #request: RankingRequest
  readonly #constraints: readonly Judge[]
  /** The metrics of a row, then its parameters: what constraints read. */
  readonly #variables: Float64Array
  readonly #column: number
  readonly #sign: 1 | -1
  /** Binary heap with the worst candidate at its root. */
  readonly #heap: Candidate[] = []
  /** Per constraint, how many rows it leaves in doubt that no other one excludes. */
  readonly #undecided: number[]
  /** Constraints that the row at hand leaves in doubt. */
  readonly #doubts: number[] = []
  #eligible = 0
  #withoutObjective = 0

  constructor(request: RankingRequest) {
    this.#request = request
    const names = [...METRICS, ...request.grid.axes.map((axis) => axis.name)]
    this.#constraints = request.constraints.map((text) => compileJudge(text, names))
    this.#undecided = request.constraints.map(() => 0)
    this.#variables = new Float64Array(names.length)
    this.#column = METRICS.indexOf(request.objective)
    this.#sign = LOWER_IS_BETTER.has(request.objective) ? -1 : 1
  }

  /** How many rows so far satisfied every constraint. */
  get eligible(): number {
    return this.#eligible
  }

  /** How many of the eligible rows rank last because their objective is not computable. */
  get withoutObjective(): number {
    return this.#withoutObjective
  }

  /**
   * Returns the constraints that rows did not decide because a value was missing, with how many rows. A row that another
   * constraint excludes is not counted: the missing value changes nothing about it.
   */
  get undecided(): readonly UndecidedRows[] {
    return this.#request.constraints.flatMap((constraint, i) => {
      const rows = this.#undecided[i] as number
      return rows === 0 ? [] : [{ constraint, rows }]
    })
  }

  /** Takes in row `row` of a row-major table of metrics, of the combination with canonical index `index`. */
  add(index: number, table: Float64Array, row: number): void {
    const start = row * METRICS.length
    if (!this.#satisfies(index, table, start)) return
    this.#eligible++
    const score = this.#scoreOf(table[start + this.#column] as number)
    if (score === Number.NEGATIVE_INFINITY) this.#withoutObjective++
    const totalReturn = orLowest(table[start + TOTAL_RETURN] as number)
    if (!this.#admits({ index, score, totalReturn })) return
    const metrics = table.slice(start, start + METRICS.length)
    this.#insert({ index, score, totalReturn, metrics })
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
    this.#doubts.length = 0
    let satisfies = true
    for (let i = 0; i < this.#constraints.length; i++) {
      const { holds, isUndecided } = (this.#constraints[i] as Judge)(this.#variables, 0)
      if (!holds && !isUndecided) return false
      if (isUndecided) this.#doubts.push(i)
      if (!holds) satisfies = false
    }
    for (const i of this.#doubts) this.#undecided[i] = (this.#undecided[i] as number) + 1
    return satisfies
  }

  #scoreOf(objective: number): number {
    const isValue = Number.isFinite(objective) || isNoLoss(this.#request.objective, objective)
    return isValue ? this.#sign * objective : Number.NEGATIVE_INFINITY
  }

  #admits(placed: Placed): boolean {
    if (this.#heap.length < this.#request.top) return true
    const worst = this.#heap[0]
    return worst !== undefined && isWorse(worst, placed)
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

type Placed = Pick<Candidate, 'index' | 'score' | 'totalReturn'>

function orLowest(value: number): number {
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
}

function isWorse(a: Placed, b: Placed): boolean {
  if (a.score !== b.score) return a.score < b.score
  if (a.totalReturn !== b.totalReturn) return a.totalReturn < b.totalReturn
  return a.index > b.index
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
