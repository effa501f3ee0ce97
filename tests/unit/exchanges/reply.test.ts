import { describe, expect, test } from 'bun:test'
import { Redactor } from '../../../src/core/redact.ts'
import { parseJson } from '../../../src/core/reply-body.ts'
import { columnsOfRows } from '../../../src/exchanges/candle-rows.ts'
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
  const complaint = (body: string) => {
    const refused = expect.objectContaining({ name: 'ConnectivityError', code: 'EXCHANGE_REPLY' })
    expect(() => parseJson(body, 'GET /x')).toThrow(refused)
    try {
      return String(parseJson(body, 'GET /x'))
    } catch (error) {
      return (error as Error).message
    }
  }

  test('is quoted as a whole, or told by its length, when it is no JSON', () => {
    expect(complaint('Bad gateway\r\n')).toBe("GET /x: the reply is not JSON: 'Bad gateway'.")
    expect(complaint('a\u001b[2Jb\nc')).toBe("GET /x: the reply is not JSON: 'a␛[2Jb␊c'.")
    const page = `<html>${' '.repeat(594)}`
    expect(complaint(page)).toBe('GET /x: the reply is not JSON: an HTML page of 600 characters.')
    expect(parseJson('[1]', 'GET /x')).toEqual([1])
  })

  test('never has a part of a secret quoted, which would not be recognised', () => {
    const secret = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0M'
    const redactor = new Redactor()
    redactor.add([secret])
    for (let before = 0; before < 300; before++) {
      const said = redactor.redact(complaint(`${'.'.repeat(before)}${secret} is unknown`))
      expect(said).not.toContain(secret.slice(0, 4))
    }
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
