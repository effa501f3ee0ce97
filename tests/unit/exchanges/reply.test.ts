import { describe, expect, test } from 'bun:test'
import { columnsOfRows } from '../../../src/exchanges/candle-rows.ts'
import { parseJson } from '../../../src/exchanges/reply-body.ts'
import { countOf, dateMsOf, retryAfterMsOf } from '../../../src/exchanges/reply-headers.ts'

describe('the headers of a reply', () => {
  const date = 'Fri, 01 Mar 2024 00:00:00 GMT'

  test.each([
    ['0', 0],
    ['7', 7_000],
    [' 120 ', 120_000],
    ['Fri, 01 Mar 2024 00:00:09 GMT', 9_000],
    ['Thu, 29 Feb 2024 23:00:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
  ])('Retry-After: %p asks to wait %p ms', (text, ms) => {
    expect(retryAfterMsOf(new Headers({ date, 'retry-after': text }))).toBe(ms as never)
  })

  test('say nothing where they are not there', () => {
    const none = new Headers()
    expect([retryAfterMsOf(none), dateMsOf(none), countOf(none, 'x-used')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(retryAfterMsOf(new Headers({ 'retry-after': date }))).toBeUndefined()
  })

  test('tell the time of the venue and its counts', () => {
    const headers = new Headers({ date, 'x-used': '12', 'x-odd': '12 of 100' })
    expect(dateMsOf(headers)).toBe(Date.UTC(2024, 2, 1))
    expect([countOf(headers, 'x-used'), countOf(headers, 'x-odd')]).toEqual([12, undefined])
  })
})

describe('the body of a reply', () => {
  test('is quoted in part only when it is no JSON', () => {
    const page = '<html>'.repeat(100)
    const refused = expect.objectContaining({ name: 'ConnectivityError', code: 'EXCHANGE_REPLY' })
    expect(() => parseJson(page, 'GET /x')).toThrow(refused)
    expect(() => parseJson(page, 'GET /x')).not.toThrow(page.slice(0, 100))
    expect(parseJson('[1]', 'GET /x')).toEqual([1])
  })

  test('becomes columns in its order, with NaN for what is missing', () => {
    const { openTime, close, volume } = columnsOfRows([
      [2, 1, 1, 1, 5, 9],
      [1, 1, 1, 1, undefined],
    ])
    expect([[...openTime], [...close], [...volume]]).toEqual([
      [2, 1],
      [5, Number.NaN],
      [9, Number.NaN],
    ])
  })
})
