import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import binance from '../../../src/exchanges/binance/index.ts'
import { failureOf, HOUR, NOW, SERIES, withVenueOf } from '../../contracts/exchange-fixture.ts'
import { connectExchange } from '../../support/connect-exchange.ts'
import { httpReply, startRawServer } from '../../support/raw-server.ts'

setDefaultTimeout(60_000)

const withVenue = withVenueOf(binance, {})
const DAY = { ...SERIES, fromMs: NOW - 48.5 * HOUR, toMs: NOW - 24.5 * HOUR }

describe('a page of Binance', () => {
  const openTimes = async (kind: string) => {
    const times: number[] = []
    await withVenue({ faults: [{ kind, rows: 3 }] }, async ({ exchange }) => {
      times.push(...(await exchange.candles(DAY)).openTime)
    })
    return times
  }

  test('keeps the mistakes of the venue', async () => {
    const repeated = await openTimes('duplicate_rows')
    expect(repeated.length).toBeGreaterThan(24)
    expect(new Set(repeated).size).toBe(24)
    const mixed = await openTimes('unsorted_rows')
    expect(mixed).not.toEqual(mixed.toSorted((a, b) => a - b))
    expect((await openTimes('missing_rows')).length).toBeLessThan(24)
  })

  test('asks for as many candles as the venue gives, its end excluded', async () => {
    await withVenue({}, async ({ exchange }, simulator) => {
      await exchange.candles(DAY)
      expect(Object.fromEntries(new URLSearchParams(simulator.requests()[0]?.query))).toEqual({
        symbol: 'BTCUSDT',
        interval: '1h',
        startTime: String(DAY.fromMs),
        endTime: String(DAY.toMs - 1),
        limit: '1000',
      })
    })
  })
})

test('reserves the weight that the venue counts, and passes its count on', async () => {
  await withVenue({}, async ({ exchange, taken, settled }, simulator) => {
    await exchange.serverTime()
    await exchange.markets()
    await exchange.candles(DAY)
    expect(taken).toEqual([1, 20, 2])
    expect(simulator.stats().weight.used).toBe(23)
    expect(settled.map(({ usedWeight }) => usedWeight)).toEqual([1, 21, 23])
  })
})

test('passes on how much weight the venue says it grants', async () => {
  await withVenue({ limits: { weightPerMinute: 60 } }, async ({ exchange, granted }) => {
    await exchange.markets()
    expect(granted).toEqual([60])
  })
})

describe('refusals that the simulator does not send', () => {
  test.each([
    ['403 Forbidden', '<html>', 'VenueRejection', 'ACCESS_REFUSED'],
    ['451 Unavailable', '{"code":0,"msg":"restricted"}', 'VenueRejection', 'REGION_REFUSED'],
    ['404 Not Found', '<html>', 'VenueRejection', 'VENUE_REFUSED'],
    ['400 Bad Request', '{"code":-1130,"msg":"no"}', 'VenueRejection', 'VENUE_REFUSED'],
    ['400 Bad Request', '{"code":-1003,"msg":"slow down"}', 'ConnectivityError', 'RATE_LIMITED'],
    ['400 Bad Request', '{"code":-1001,"msg":"gone"}', 'ConnectivityError', 'EXCHANGE_UNAVAILABLE'],
    ['400 Bad Request', '{"code":-1121,"msg":"Invalid symbol."}', 'ConfigError', 'UNKNOWN_SYMBOL'],
    ['400 Bad Request', '{"code":-1120,"msg":"no"}', 'ConfigError', 'UNKNOWN_INTERVAL'],
    ['504 Gateway Timeout', '', 'ConnectivityError', 'EXCHANGE_UNAVAILABLE'],
    ['200 OK', '{"code":0}', 'ConnectivityError', 'EXCHANGE_REPLY'],
    ['200 OK', '[[1,2]]', 'ConnectivityError', 'EXCHANGE_REPLY'],
    ['200 OK', '<html>', 'ConnectivityError', 'EXCHANGE_REPLY'],
  ])('%s with %s is a %s %s', async (status, body, name, code) => {
    const server = await startRawServer((socket) => socket.write(httpReply(body, { status })))
    const { exchange } = await connectExchange(binance, { baseUrl: `http://${server.host}` })
    const error = await failureOf(exchange.candles(DAY))
    expect(error).toMatchObject({ name, code })
    expect(error.message).toStartWith("exchange 'venue': GET /api/v3/klines: ")
    server.close()
  })

  test('are told without the control characters in them', async () => {
    const body = JSON.stringify({ code: -1, msg: '\u001b[2J\u001b]0;pwn\u0007 hello\nsecond' })
    const server = await startRawServer((socket) =>
      socket.write(httpReply(body, { status: '400 Bad Request' })),
    )
    const { exchange } = await connectExchange(binance, { baseUrl: `http://${server.host}` })
    const { message } = await failureOf(exchange.candles(DAY))
    expect(message).toEndWith('(HTTP 400, -1 ␛[2J␛]0;pwn␇ hello␊second).')
    server.close()
  })

  test.each([
    ['429 Too Many', { 'Retry-After': '31' }, 31_000],
    ['429 Too Many', {}, 60_000],
    ['418 Teapot', { 'Retry-After': '3600' }, 3_600_000],
    ['418 Teapot', {}, 120_000],
    [
      '429 Too Many',
      { Date: 'Fri, 01 Mar 2024 00:00:00 GMT', 'Retry-After': 'Fri, 01 Mar 2024 00:00:09 GMT' },
      9_000,
    ],
  ])('%s with %j asks to wait %d ms', async (status, headers, retryAfterMs) => {
    const server = await startRawServer((socket) =>
      socket.write(httpReply('{"code":-1003,"msg":"Way too much"}', { status, headers })),
    )
    const { exchange, settled } = await connectExchange(binance, {
      baseUrl: `http://${server.host}`,
    })
    const error = await failureOf(exchange.serverTime())
    expect(error).toMatchObject({ code: 'RATE_LIMITED', context: { retryAfterMs } })
    expect(settled).toMatchObject([{ retryAfterMs }])
    server.close()
  })
})
