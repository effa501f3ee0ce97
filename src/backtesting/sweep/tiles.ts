import type { Grid } from './grid.ts'
import { sidesOf } from './grid.ts'

/**
 * The grid cut into boxes of neighbouring points that share indicator columns. Plain data: it is posted to workers,
 * which then need only a tile's number to know its points. Tiles are numbered like points: last axis fastest.
 */
export interface Tiling {
  readonly gridSides: readonly number[]
  /** Values per axis in a full tile; the last tile of an axis may be shorter. */
  readonly tileSides: readonly number[]
  /** Tiles per axis. */
  readonly tileCounts: readonly number[]
  readonly size: number
}

export interface TilingRequest {
  readonly grid: Grid
  /** Parameters that reach an indicator column. The others are thresholds: all their values share the columns. */
  readonly columnParams: ReadonlySet<string>
  /** About how many points a tile holds at most. */
  readonly blockPoints: number
  /** Whether a tile of these sides still fits the memory for its columns. */
  readonly fits?: (sides: readonly number[]) => boolean
}

/** Returns the tiling of a grid: threshold axes whole first, then the other axes grown evenly to about `blockPoints`. */
export function createTiling(request: TilingRequest): Tiling {
  const gridSides = sidesOf(request.grid)
  const sides = gridSides.map(() => 1)
  takeThresholds(request, gridSides, sides)
  growEvenly(request, gridSides, sides)
  const tileCounts = gridSides.map((side, i) => Math.ceil(side / (sides[i] as number)))
  const tileSides = gridSides.map((side, i) => Math.ceil(side / (tileCounts[i] as number)))
  const counts = gridSides.map((side, i) => Math.ceil(side / (tileSides[i] as number)))
  return { gridSides, tileSides, tileCounts: counts, size: product(counts) }
}

function takeThresholds(
  request: TilingRequest,
  gridSides: readonly number[],
  sides: number[],
): void {
  for (let i = sides.length - 1; i >= 0; i--) {
    if (request.columnParams.has(request.grid.axes[i]?.name ?? '')) continue
    const room = Math.max(1, Math.floor(request.blockPoints / product(sides)))
    sides[i] = Math.min(gridSides[i] as number, room)
  }
}

function growEvenly(request: TilingRequest, gridSides: readonly number[], sides: number[]): void {
  const open = new Set(sides.keys().filter((i) => (sides[i] as number) < (gridSides[i] as number)))
  while (open.size > 0) {
    const axis = [...open].reduce((a, b) => ((sides[b] as number) < (sides[a] as number) ? b : a))
    const grown = sides.with(axis, (sides[axis] as number) + 1)
    const fits = product(grown) <= request.blockPoints && (request.fits?.(grown) ?? true)
    if (fits) sides[axis] = grown[axis] as number
    if (!fits || sides[axis] === gridSides[axis]) open.delete(axis)
  }
}

function product(values: readonly number[]): number {
  return values.reduce((result, value) => result * value, 1)
}

/**
 * Calls `visit` with the canonical index of each point of a tile, rising.
 * @param tile number of the tile, 0 ≤ tile < tiling.size
 */
export function forEachPoint(tiling: Tiling, tile: number, visit: (index: number) => void): void {
  const { starts, ends } = tileBox(tiling, tile)
  const strides = stridesOf(tiling.gridSides)
  const position = [...starts]
  const last = starts.length - 1
  if (last < 0) {
    visit(0)
    return
  }
  do {
    const base = dot(position, strides)
    const run = (ends[last] as number) - (starts[last] as number)
    for (let i = 0; i < run; i++) visit(base + i)
  } while (advance(position, starts, ends, last - 1))
}

/** The half-open range of positions on each axis that a tile covers. */
export function tileBox(
  tiling: Tiling,
  tile: number,
): { readonly starts: readonly number[]; readonly ends: readonly number[] } {
  const starts: number[] = []
  let rest = tile
  for (let i = tiling.tileCounts.length - 1; i >= 0; i--) {
    const count = tiling.tileCounts[i] as number
    starts[i] = (rest % count) * (tiling.tileSides[i] as number)
    rest = Math.floor(rest / count)
  }
  const ends = starts.map((start, i) =>
    Math.min(start + (tiling.tileSides[i] as number), tiling.gridSides[i] as number),
  )
  return { starts, ends }
}

/** Steps `position` to the next row of the box on axes 0..axis; false when the box is done. */
function advance(
  position: number[],
  starts: readonly number[],
  ends: readonly number[],
  axis: number,
): boolean {
  for (let i = axis; i >= 0; i--) {
    position[i] = (position[i] as number) + 1
    if ((position[i] as number) < (ends[i] as number)) return true
    position[i] = starts[i] as number
  }
  return false
}

function stridesOf(sides: readonly number[]): readonly number[] {
  const strides = sides.map(() => 1)
  for (let i = sides.length - 2; i >= 0; i--) {
    strides[i] = (strides[i + 1] as number) * (sides[i + 1] as number)
  }
  return strides
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** Names a tile for people: its number and the range of every parameter in it. */
export function describeTile(grid: Grid, tiling: Tiling, tile: number): string {
  const { starts, ends } = tileBox(tiling, tile)
  const ranges = grid.axes.map(({ name, values }, i) => {
    const first = values[starts[i] as number]
    const last = values[(ends[i] as number) - 1]
    return first === last ? `${name} ${first}` : `${name} ${first} to ${last}`
  })
  return `Tile ${tile + 1} of ${tiling.size} (${ranges.join(', ')})`
}
