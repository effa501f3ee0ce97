import { describe, expect, test } from 'bun:test'
import { klineStreamPath, klineUpdates } from '../../../../src/exchanges/binance/kline-stream.ts'
import type { CandleUpdate } from '../../../../src/exchanges/exchange.ts'

const OPEN = 1_672_515_780_000

/** A frame of the combined stream, as documented. */
function frame(changes: object = {}, event: object = {}, openTime = OPEN): string {
  const k = {
    t: openTime,
    T: openTime + 59_999,
    s: 'BNBBTC',
    i: '1m',
    f: 100,
    L: 200,
    o: '0.0010',
    c: '0.0020',
    h: '0.0025',
    l: '0.0015',
    v: '1000',
    n: 100,
    x: false,
    q: '1.0000',
    V: '500',
    Q: '0.500',
    B: '123456',
    ...changes,
  }
  const data = { e: 'kline', E: openTime + 2_136, s: 'BNBBTC', k, ...event }
  return JSON.stringify({ stream: 'bnbbtc@kline_1m', data })
}

async function read(...frames: readonly string[]): Promise<CandleUpdate[]> {
  async function* source() {
    yield* frames
  }
  return await Array.fromAsync(klineUpdates(source(), 'the stream'))
}

describe('the candle stream of Binance', () => {
  test('reads the documented event', async () => {
    expect(await read(frame())).toEqual([
      {
        symbol: 'BNBBTC',
        interval: '1m',
        openTime: OPEN,
        open: 0.001,
        high: 0.0025,
        low: 0.0015,
        close: 0.002,
        volume: 1000,
        isClosed: false,
        eventTime: OPEN + 2_136,
      } as CandleUpdate,
    ])
  })

  test('names its stream in lower case', () => {
    expect(klineStreamPath('BTCUSDT', '1h')).toBe('/stream?streams=btcusdt@kline_1h')
    expect(klineStreamPath('A&B', '1h')).toBe('/stream?streams=a%26b@kline_1h')
  })

  test('hands out what is newer than the last update and nothing else', async () => {
    const updates = await read(
      frame({ c: '0.0016' }, { E: OPEN + 1 }),
      frame({ c: '0.0016' }, { E: OPEN + 1 }),
      frame({ c: '0.0017' }, { E: OPEN + 3 }),
      frame({ c: '0.0018' }, { E: OPEN + 2 }),
      frame({ c: '0.0019', x: true }, { E: OPEN + 60_000 }),
      frame({ c: '0.0020', x: true }, { E: OPEN + 60_001 }),
      frame({ c: '0.0021' }, { E: OPEN + 60_000 }, OPEN + 60_000),
      frame({ c: '0.0022' }, { E: OPEN + 60_002 }),
    )
    expect(updates.map(({ close }) => close)).toEqual([0.0016, 0.0017, 0.0019, 0.0021])
    expect(updates.map(({ isClosed }) => isClosed)).toEqual([false, false, true, false])
  })

  test('hands out the end of a candle once, also at the time of the update before it', async () => {
    const end = OPEN + 60_000
    const updates = await read(
      frame({ c: '0.0016' }, { E: end }),
      frame({ c: '0.0017', x: true }, { E: end }),
      frame({ c: '0.0018', x: true }, { E: end }),
      frame({ c: '0.0019' }, { E: end }),
    )
    expect(updates.map(({ close, isClosed }) => [close, isClosed])).toEqual([
      [0.0016, false],
      [0.0017, true],
    ])
  })

  test('hands out no end of a candle that is older than the update before it', async () => {
    const updates = await read(
      frame({}, { E: OPEN + 60_001 }),
      frame({ x: true }, { E: OPEN + 60_000 }),
    )
    expect(updates.map(({ isClosed }) => isClosed)).toEqual([false])
  })

  test('passes over answers to subscriptions and events of other kinds', async () => {
    const others = ['{"result":null,"id":1}', '{"stream":"x","data":{"e":"trade","E":1}}']
    expect(await read(...others, frame())).toHaveLength(1)
  })

  test.each([
    '{"e":"serverShutdown","E":1770123456789}',
    '{"stream":"","data":{"e":"serverShutdown"}}',
  ])('fails when the venue announces its end with %s, after what came before', async (shutdown) => {
    const seen: CandleUpdate[] = []
    async function* source() {
      yield frame()
      yield shutdown
      yield frame({}, {}, OPEN + 60_000)
    }
    const failure = (async () => {
      for await (const update of klineUpdates(source(), 'the stream')) seen.push(update)
    })()
    await expect(failure).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' })
    expect(seen).toHaveLength(1)
  })

  test.each([
    ['text', 'hello'],
    ['half an event', frame().slice(0, 40)],
    ['null', 'null'],
    ['an error', '{"error":{"code":3,"msg":"Invalid JSON"}}'],
    ['a price that is no number', frame({ c: 'NaN' })],
    ['a price that is empty', frame({ o: '' })],
    ['a price that is a number', frame({ o: 0.001 })],
    ['no closed flag', frame({ x: undefined })],
    ['a time that is text', frame({ t: String(OPEN) })],
  ])('fails on %s', async (_, bad) => {
    await expect(read(bad)).rejects.toMatchObject({
      name: 'ConnectivityError',
      code: 'EXCHANGE_REPLY',
    })
  })
})
