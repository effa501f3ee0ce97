import { describe, expect, test } from 'bun:test'
import { parseInterval } from '../../../../src/core/intervals.ts'
import { closedRange } from '../../../../src/data/ingest/period.ts'

const at = (text: string) => Date.parse(`${text}Z`)
const hour = parseInterval('1h')

describe('closedRange', () => {
  test('ends before the candle that is still forming', () => {
    const range = closedRange({ fromMs: at('2024-01-01T00:00') }, hour, at('2024-01-01T05:59:59'))
    expect(range).toEqual({ fromMs: at('2024-01-01T00:00'), toMs: at('2024-01-01T05:00') })
  })

  test('takes a candle as closed a second after its end', () => {
    const period = { fromMs: at('2024-01-01T00:00') }
    const just = closedRange(period, hour, at('2024-01-01T06:00:00'))
    expect(just.toMs).toBe(at('2024-01-01T05:00'))
    const later = closedRange(period, hour, at('2024-01-01T06:00:01'))
    expect(later.toMs).toBe(at('2024-01-01T06:00'))
  })

  test('counts days back from the clock of the exchange, in whole candles', () => {
    const range = closedRange({ days: 1 }, hour, at('2024-01-02T10:30'))
    expect(range).toEqual({ fromMs: at('2024-01-01T11:00'), toMs: at('2024-01-02T10:00') })
  })

  test('leaves out the candle that opens at an exclusive end', () => {
    const period = { fromMs: at('2024-01-01T00:00'), toMs: at('2024-01-01T03:00') }
    expect(closedRange(period, hour, at('2024-02-01T00:00')).toMs).toBe(at('2024-01-01T03:00'))
  })

  test('weeks begin on Mondays', () => {
    const period = { fromMs: at('2024-01-03T00:00') }
    const range = closedRange(period, parseInterval('1w'), at('2024-02-01T00:00'))
    expect(range).toEqual({ fromMs: at('2024-01-08T00:00'), toMs: at('2024-01-29T00:00') })
  })

  test('is empty, not reversed, when no candle has closed yet', () => {
    const period = { fromMs: at('2024-01-01T05:10') }
    const { fromMs, toMs } = closedRange(period, hour, at('2024-01-01T05:30'))
    expect(toMs).toBe(fromMs)
  })

  test.each([
    ['reversed', { fromMs: at('2024-01-02T00:00'), toMs: at('2024-01-01T00:00') }, 'before --to'],
    ['of no length', { fromMs: at('2024-01-01T00:00'), toMs: at('2024-01-01T00:00') }, 'before'],
    ['from in the future', { fromMs: at('2025-01-01T00:00') }, 'future'],
    [
      'to in the future',
      { fromMs: at('2024-01-01T00:00'), toMs: at('2025-01-01T00:00') },
      'future',
    ],
  ])('refuses a period that is %s', (_, period, text) => {
    const run = () => closedRange(period, hour, at('2024-06-01T00:00'))
    expect(run).toThrow(expect.objectContaining({ code: 'INGEST_PERIOD', exitCode: 2 }))
    expect(run).toThrow(text)
  })
})
