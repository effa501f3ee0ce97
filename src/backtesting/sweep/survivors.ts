import { ConfigError } from '../../core/errors.ts'
import type { Evaluate } from '../../core/formula.ts'
import { interruptedEarly } from './early-end.ts'
import { compileFormula, holds } from './formula.ts'
import { type Grid, group, writePoint } from './grid.ts'

const WORD_BITS = 32
/** Points examined between two looks at the abort signal. */
const SLICE_POINTS = 1 << 18

/**
 * The points of a grid that satisfy `where`, one bit per grid point, in memory that workers share. Without a condition
 * there is no bitmap: every point survives. `ranks` holds the number of survivors before each 32-bit word.
 */
export interface Survivors {
  readonly count: number
  readonly bits: Uint32Array | null
  readonly ranks: Uint32Array | null
}

export interface SurvivorRequest {
  readonly sweep: string
  readonly grid: Grid
  readonly where: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Evaluates `where` on every point of the grid, without ever holding the points.
 * @throws ConfigError `SWEEP_EMPTY` when no point is left, PlatformError `INTERRUPTED` when the signal fires
 */
export async function findSurvivors(request: SurvivorRequest): Promise<Survivors> {
  const { grid, where } = request
  if (where === undefined) return { count: grid.size, bits: null, ranks: null }
  const names = grid.axes.map((axis) => axis.name)
  const condition = compileFormula(where, names)
  const words = Math.ceil(grid.size / WORD_BITS)
  const bits = new Uint32Array(new SharedArrayBuffer(Math.max(4, words * 4)))
  for (let start = 0; start < grid.size; start += SLICE_POINTS) {
    if (request.signal?.aborted) throw interruptedEarly(request.sweep)
    markSurvivors(grid, condition, bits, start, Math.min(start + SLICE_POINTS, grid.size))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { count, ranks } = rankWords(bits, words)
  if (count === 0) throw nothingLeft(request, where)
  return { count, bits, ranks }
}

function markSurvivors(
  grid: Grid,
  condition: Evaluate,
  bits: Uint32Array,
  start: number,
  end: number,
): void {
  const point = new Float64Array(grid.axes.length)
  for (let index = start; index < end; index++) {
    writePoint(grid, index, point)
    if (holds(condition(point, 0))) {
      const word = Math.floor(index / WORD_BITS)
      bits[word] = (bits[word] as number) | (1 << (index % WORD_BITS))
    }
  }
}

function rankWords(bits: Uint32Array, words: number): { count: number; ranks: Uint32Array } {
  const ranks = new Uint32Array(words)
  let count = 0
  for (let word = 0; word < words; word++) {
    ranks[word] = count
    count += popCount(bits[word] as number)
  }
  return { count, ranks }
}

function popCount(word: number): number {
  let pairs = word - ((word >>> 1) & 0x55555555)
  pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return (((pairs + (pairs >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** Whether the grid point with this canonical index is to be computed. */
export function survives(bits: Uint32Array | null, index: number): boolean {
  if (bits === null) return true
  return (((bits[Math.floor(index / WORD_BITS)] as number) >>> (index % WORD_BITS)) & 1) === 1
}

/** Returns how many survivors come before a grid point: its row number in canonical order. */
export function rankOf(survivors: Survivors, index: number): number {
  const { bits, ranks } = survivors
  if (bits === null || ranks === null) return index
  const word = Math.floor(index / WORD_BITS)
  const below = (bits[word] as number) & ((1 << (index % WORD_BITS)) - 1)
  return (ranks[word] as number) + popCount(below)
}

function nothingLeft({ sweep, grid }: SurvivorRequest, where: string): ConfigError {
  const ranges = grid.axes.map(({ name, values }) => `${name} ${values.at(0)} to ${values.at(-1)}`)
  return new ConfigError(
    'SWEEP_EMPTY',
    `sweeps.${sweep}.where: '${where}' removes all ${group(grid.size)} combinations (${ranges.join(', ')}). Relax the condition or widen the parameters.`,
    { context: { sweep, where, gridPoints: grid.size } },
  )
}
