import { describe, expect, test } from 'bun:test'
import { errorOf } from '../../../../src/exchanges/binance/refusals.ts'

const ASKED = { where: "exchange 'binance': GET /api/v3/klines", symbol: 'BTCUSDT' }

function errorOfCode(code: number) {
  const body = JSON.stringify({ code, msg: 'The words of the venue.' })
  return errorOf({ status: 400, headers: new Headers(), body }, ASKED)
}

/** https://developers.binance.com/docs/binance-spot-api-docs/errors */
describe('a refusal with status 400', () => {
  test.each([
    [-1000, 'UNKNOWN'],
    [-1001, 'DISCONNECTED'],
    [-1006, 'UNEXPECTED_RESP'],
    [-1007, 'TIMEOUT'],
    [-1008, 'SERVER_BUSY'],
  ])('and the code %d, %s, is trouble of the venue, which passes', (code) => {
    expect(errorOfCode(code)).toMatchObject({
      name: 'ConnectivityError',
      code: 'EXCHANGE_UNAVAILABLE',
      context: { venueCode: code },
    })
  })

  test.each([-1002, -1005, -1013, -1100, -2010])('and the code %d is final', (code) => {
    expect(errorOfCode(code)).toMatchObject({ name: 'VenueRejection', code: 'VENUE_REFUSED' })
  })
})
