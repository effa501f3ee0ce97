import { glyphsOf, type Style } from './style.ts'

/**
 * Draws a curve as one line of at most `width` blocks, lowest value to highest.
 * Long curves are thinned evenly, first and last point kept; a flat one is drawn low; an empty one is empty.
 */
export function sparkline(curve: readonly number[], width: number, style: Style): string {
  const points = thin(curve.filter(Number.isFinite), width)
  const low = Math.min(...points)
  const range = Math.max(...points) - low
  const levels = glyphsOf(style).spark
  return points
    .map(
      (value) =>
        levels[range === 0 ? 0 : Math.round(((value - low) / range) * (levels.length - 1))],
    )
    .join('')
}

function thin(curve: readonly number[], size: number): readonly number[] {
  if (curve.length <= size) return curve
  const step = (curve.length - 1) / Math.max(1, size - 1)
  return Array.from({ length: size }, (_, i) => curve[Math.round(i * step)] as number)
}
