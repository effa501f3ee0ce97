import { describe, expect, test } from 'bun:test'
import { timeframesOf } from '../../../../src/exchanges/ccxt/timeframes.ts'

function intervals(timeframes: Readonly<Record<string, string | number>> | undefined) {
  return [...timeframesOf({ timeframes } as never)]
}

describe('timeframesOf', () => {
  test('keeps what both sides can name, shortest first, in the spelling of the platform', () => {
    const timeframes = {
      '1d': 'D',
      '60m': '60',
      '1s': '1',
      '1M': 'M',
      '5m': '5',
      '1y': 'Y',
      '1w': 'W',
    }
    expect(intervals(timeframes)).toEqual([
      ['5m', '5m'],
      ['1h', '60m'],
      ['1d', '1d'],
      ['1w', '1w'],
    ])
  })

  test('leaves out what would ask for candles of another length', () => {
    // As in ccxt 4.5.84 for Kraken (minutes), Bitstamp (seconds) and Zebpay.
    expect(intervals({ '1w': 10_080, '2w': 21_600 })).toEqual([['1w', '1w']])
    expect(intervals({ '1d': '86400', '1w': '259200' })).toEqual([['1d', '1d']])
    expect(intervals({ '1h': '60', '4h': '480' })).toEqual([['1h', '1h']])
    expect(intervals({ '1m': 60_000 })).toEqual([['1m', '1m']])
  })

  test('leaves out what may begin on any day', () => {
    const timeframes = { '12h': '12h', '1d': '1d', '2d': '2d', '3d': '3d', '1w': '1w', '2w': '2w' }
    expect(intervals(timeframes).map(([interval]) => interval)).toEqual(['12h', '1d', '1w'])
  })

  test('prefers the spelling of the platform', () => {
    expect(intervals({ '7d': '7d', '1w': '1w' })).toEqual([['1w', '1w']])
    expect(intervals({ '1w': '1w', '7d': '7d' })).toEqual([['1w', '1w']])
    expect(intervals({ '7d': '7d' })).toEqual([['1w', '7d']])
  })

  test('is empty where a venue has none', () => {
    expect(intervals(undefined)).toEqual([])
  })
})
