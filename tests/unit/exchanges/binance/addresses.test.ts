import { describe, expect, test } from 'bun:test'
import binance from '../../../../src/exchanges/binance/index.ts'
import type { ExchangeMode } from '../../../../src/exchanges/exchange.ts'

function hosts(mode: ExchangeMode, testnet: boolean, baseUrl?: string) {
  return binance.hosts({ name: 'mine', testnet, baseUrl, rateLimit: 1, options: {} }, mode)
}

describe('the hosts of Binance', () => {
  test('for candles are those of the real market, whatever the network of orders', () => {
    const real = ['data-api.binance.vision', 'data-stream.binance.vision']
    expect(hosts('market_data', true)).toEqual(real)
    expect(hosts('market_data', false)).toEqual(real)
  })

  test('for orders are those of the network', () => {
    expect(hosts('trading', true)).toEqual([
      'testnet.binance.vision',
      'stream.testnet.binance.vision',
    ])
    expect(hosts('trading', false)).toEqual(['api.binance.com', 'stream.binance.com'])
  })

  test.each([
    ['http://127.0.0.1:9001', '127.0.0.1:9001'],
    ['https://proxy.example.com/binance/', 'proxy.example.com'],
    ['https://PROXY.example.com:443', 'proxy.example.com'],
  ])('are the one of base_url %s, and no other', (baseUrl, host) => {
    for (const mode of ['market_data', 'trading'] as const) {
      expect(hosts(mode, false, baseUrl)).toEqual([host])
    }
  })

  test.each([
    'ftp://127.0.0.1',
    'ws://127.0.0.1',
    '127.0.0.1:9001',
    'localhost',
    'http://me:canary@127.0.0.1',
    'http://127.0.0.1/?key=canary',
    'http://127.0.0.1/#canary',
    '',
  ])('are not found in base_url %p', (baseUrl) => {
    const refused = expect.objectContaining({ name: 'ConfigError', code: 'BASE_URL' })
    expect(() => hosts('market_data', false, baseUrl)).toThrow(refused)
    expect(() => hosts('market_data', false, baseUrl)).not.toThrow('canary')
  })
})
