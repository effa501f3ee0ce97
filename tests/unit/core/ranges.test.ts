import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { intersectSpans, mergeSpans, type Span, subtractSpans } from '../../../src/core/ranges.ts'

const span = (fromMs: number, toMs: number): Span => ({ fromMs, toMs })

const anySpan = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 8 }))
  .map(([fromMs, length]) => span(fromMs, fromMs + length))

/** The whole numbers that spans hold. */
function slotsOf(spans: readonly Span[]): readonly number[] {
  const slots = new Set<number>()
  for (const { fromMs, toMs } of spans) for (let at = fromMs; at < toMs; at++) slots.add(at)
  return [...slots].sort((a, b) => a - b)
}

describe('spans', () => {
  test('those that touch become one', () => {
    expect(mergeSpans([span(5, 7), span(1, 3), span(3, 5), span(9, 9)])).toEqual([span(1, 7)])
  })

  test('prop_merge keeps the same time, sorted and apart', () => {
    fc.assert(
      fc.property(fc.array(anySpan), (spans) => {
        const merged = mergeSpans(spans)
        expect(slotsOf(merged)).toEqual(slotsOf(spans))
        merged.slice(1).forEach(({ fromMs }, i) => {
          expect(fromMs).toBeGreaterThan(merged[i]?.toMs as number)
        })
      }),
    )
  })

  test('prop_subtract leaves exactly what is not taken', () => {
    fc.assert(
      fc.property(anySpan, fc.array(anySpan), (whole, taken) => {
        const gone = new Set(slotsOf(taken))
        const left = subtractSpans(whole, taken)
        expect(slotsOf(left)).toEqual(slotsOf([whole]).filter((slot) => !gone.has(slot)))
        expect(mergeSpans(left)).toEqual([...left])
      }),
    )
  })

  test('prop_intersect holds what both hold', () => {
    fc.assert(
      fc.property(anySpan, anySpan, (a, b) => {
        const shared = intersectSpans(a, b)
        const both = new Set(slotsOf([b]))
        expect(slotsOf(shared === undefined ? [] : [shared])).toEqual(
          slotsOf([a]).filter((slot) => both.has(slot)),
        )
      }),
    )
  })
})
