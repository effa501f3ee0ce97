/**
 * Returns at most `pointsMax` values of a curve, evenly spaced, the first and the last always among them.
 * @param pointsMax at least 2
 */
export function thin(curve: Float64Array, pointsMax: number): readonly number[] {
  if (curve.length <= pointsMax) return [...curve]
  const gap = (curve.length - 1) / (pointsMax - 1)
  return Array.from({ length: pointsMax }, (_, i) => curve[Math.round(i * gap)] as number)
}
