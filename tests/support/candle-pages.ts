import fc from 'fast-check'
import type { Hole, VerifiedPage } from '../../src/data/repository.ts'
import type { TimeRange } from '../../src/data/store.ts'
import { type Row, toColumns } from './scripted-exchange.ts'

export const HOUR = 3_600_000
/** Two days before the end of a month, so that pages cross its border. */
const START = Date.UTC(2024, 0, 30)
export const at = (slot: number) => START + slot * HOUR
export const range = (from: number, to: number): TimeRange => ({ fromMs: at(from), toMs: at(to) })

export function row(slot: number, price = 100 + (slot % 9)): Row {
  return [at(slot), price, price + 2, price - 2, price + 1, slot + 0.5]
}

export const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => row(from + i))

export function hole(from: number, to: number, changes: Partial<Hole> = {}): Hole {
  return { ...range(from, to), cause: 'venue', firstSeenMs: 1_000, lastCheckMs: 1_000, ...changes }
}

export function page(from: number, to: number, changes: Partial<VerifiedPage> = {}): VerifiedPage {
  return {
    range: range(from, to),
    candles: toColumns(rows(from, to)),
    holes: [],
    quarantined: [],
    ...changes,
  }
}

type Step =
  | { readonly kind: 'flush' }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'commit'; readonly page: VerifiedPage }

/** The page as if the venue had been asked at that time. */
export function seenAt(page: VerifiedPage, timeMs: number): VerifiedPage {
  const seen = { firstSeenMs: timeMs, lastCheckMs: timeMs }
  return {
    ...page,
    holes: page.holes.map((one) => ({ ...one, ...seen })),
    quarantined: page.quarantined.map((one) => ({ ...one, seenMs: timeMs })),
  }
}

/** A page in which every slot is a candle of one of two prices, missing, or refused. */
const anyPage: fc.Arbitrary<Step> = fc
  .record({
    from: fc.integer({ min: 30, max: 60 }),
    slots: fc.array(fc.constantFrom('a', 'b', 'missing', 'refused'), {
      minLength: 1,
      maxLength: 12,
    }),
  })
  .map(({ from, slots }) => {
    const each = <T>(wanted: readonly string[], make: (slot: number, kind: string) => T) =>
      slots.flatMap((kind, i) => (wanted.includes(kind) ? [make(from + i, kind)] : []))
    const candles = each(['a', 'b'], (slot, kind) => row(slot, kind === 'a' ? 50 : 60))
    const holes = each(['missing', 'refused'], (slot, kind) =>
      hole(slot, slot + 1, { cause: kind === 'missing' ? 'venue' : 'quarantine' }),
    )
    const quarantined = each(['refused'], (slot) => ({
      openTime: at(slot),
      reason: 'low must be a positive price, was 0',
      values: [1, 1, 0, 1, 1] as const,
      seenMs: 0,
    }))
    const changes = { candles: toColumns(candles), holes, quarantined }
    return { kind: 'commit', page: page(from, from + slots.length, changes) }
  })

/** One thing that happens to a series. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: anyPage },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'flush' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'reopen' }) },
)
