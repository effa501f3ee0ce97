import { describe, expect, test } from 'bun:test'
import { checkImportNames, warningsOfExchange } from '../../../../src/app/data/import-names.ts'

const key = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' }

describe('names of an import', () => {
  test.each(['1m', '15m', '90m', '1h', '4h', '1d', '7d', '1w', '2w'])('take %s', (interval) => {
    expect(() => checkImportNames({ ...key, interval })).not.toThrow()
  })

  // Binance lists symbols of other letters since 2025-12; the marks belong to the letters of Hindi.
  test.each([
    '币安人生USDT',
    'ラーメンUSDT',
    'हिन्दीUSDT',
    'éUSDT',
    '1000SHIBUSDT',
    'BTC/USDT:USDT',
  ])('take symbol %s', (symbol) => {
    expect(() => checkImportNames({ ...key, symbol })).not.toThrow()
  })

  test.each([
    [{ symbol: '/USDT' }, "--symbol '/USDT': must be letters"],
    [{ symbol: '😀USDT' }, "--symbol '😀USDT': must be letters"],
    [{ interval: '60m' }, "Did you mean '1h'?"],
    [{ interval: '1440m' }, "Did you mean '1d'?"],
    [{ interval: '24h' }, "Did you mean '1d'?"],
    [{ symbol: '../BTCUSDT' }, "--symbol '../BTCUSDT': must be letters"],
    [{ symbol: 'BTC USDT' }, "--symbol 'BTC USDT': must be letters"],
    [{ symbol: '' }, "--symbol '': must be letters"],
    [{ exchange: 'my exchange' }, "--exchange 'my exchange': must be letters"],
    [{ exchange: '../up' }, "--exchange '../up': must be letters"],
  ])('refuse %j', (change, reason) => {
    expect(() => checkImportNames({ ...key, ...change })).toThrow(
      expect.objectContaining({
        code: 'IMPORT_NAME',
        exitCode: 2,
        message: expect.stringContaining(reason),
      }),
    )
  })

  test('of an exchange that is not configured have a warning with a suggestion', () => {
    expect(warningsOfExchange('binance', ['binance'])).toEqual([])
    const [warning] = warningsOfExchange('binanse', ['binance', 'kraken'])
    expect(warning?.code).toBe('UNKNOWN_EXCHANGE')
    expect(warning?.message).toEndWith("Did you mean 'binance'?")
    expect(warningsOfExchange('xyz', ['binance'])[0]?.message).toEndWith('Known: binance.')
  })
})
