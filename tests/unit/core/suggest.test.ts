import { describe, expect, test } from 'bun:test'
import { didYouMean, findSuggestion } from '../../../src/core/suggest.ts'

describe('findSuggestion', () => {
  const names = ['fast_period', 'slow_period', 'rsi', 'sharpe']

  test.each([
    ['fast_perod', 'fast_period'],
    ['FAST_PERIOD', 'fast_period'],
    ['slowperiod', 'slow_period'],
    ['sharp', 'sharpe'],
    ['rsl', 'rsi'],
  ])('takes %p for a typo of %p', (typed, meant) => {
    expect(findSuggestion(typed, names)).toBe(meant)
  })

  test('never proposes the name that was refused', () => {
    expect(findSuggestion('币安人生USDT', ['币安人生USDT'])).toBeUndefined()
  })

  test.each(['', 'donchian_channel', 'commission'])('finds nothing near %p', (typed) => {
    expect(findSuggestion(typed, ['fast_period', 'sharpe'])).toBeUndefined()
  })

  test('suggests no name that shares nothing with the one typed', () => {
    expect(findSuggestion('x', ['a', 'bc'])).toBeUndefined()
    expect(findSuggestion('ax', ['a', 'bc'])).toBe('a')
  })

  test('prefers the nearest, and the first of two equally near ones', () => {
    expect(findSuggestion('slow_perio', names)).toBe('slow_period')
    expect(findSuggestion('bat', ['cat', 'rat'])).toBe('cat')
  })

  test('reads any iterable once', () => {
    expect(findSuggestion('rsj', new Map([['rsi', 1]]).keys())).toBe('rsi')
  })
})

describe('didYouMean', () => {
  test('is a sentence with a leading blank, or nothing', () => {
    expect(didYouMean('rsj', ['rsi'])).toBe(" Did you mean 'rsi'?")
    expect(didYouMean('volume', ['rsi'])).toBe('')
  })
})
